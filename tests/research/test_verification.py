"""A model's verdict is bounded by words it cannot argue with."""

from dataclasses import replace

import pytest

from agentflow.corpus.evidence import Evidence
from agentflow.research.reply import Support
from agentflow.research.verification import bounded, deciding, opposed, repeats, standing, superseding
from agentflow.research.writing import unsourced


def quote(text: str, path: str = "notes.md") -> Evidence:
    return Evidence("id-" + path, text, path, 1, None, 0, len(text), "Notes", "")


RELEASE = quote("The release of version 3.2 was delayed by Maria Jones until March.")


def test_a_claim_that_repeats_its_quote_needs_no_model() -> None:
    assert repeats("version 3.2 was delayed by Maria Jones", [RELEASE])
    assert not repeats("Maria Jones delayed version 3.2", [RELEASE])
    assert not repeats("The release of version 3.2 was not delayed by Maria Jones until March", [RELEASE])
    assert not repeats("the release was delayed", [quote("It is not true that the release was delayed.")])


@pytest.mark.parametrize(
    ("claim", "support"),
    [
        ("Maria Jones delayed the release of version 3.2 until March.", "supported"),
        ("Maria Jones delayed the release of version 3.3 until March.", "unsupported"),  # another number
        ("The release was delayed by Peter Jones until March.", "unsupported"),  # another name
        ("The release was delayed because unforeseen funding problems appeared.", "unsupported"),  # other words
        ("The release was delayed until March, which annoyed many.", "partial"),
        ("The release of version 3.2 was not delayed until March.", "contradicted"),
    ],
)
def test_supported_stands_only_while_numbers_names_and_words_are_in_the_quotes(claim: str, support: str) -> None:
    assert bounded("supported", claim, [RELEASE]) == support


@pytest.mark.parametrize("verdict", ["contradicted", "unsupported"])
def test_a_verdict_against_the_claim_is_never_softened(verdict: str) -> None:
    assert bounded(verdict, RELEASE.quote, [RELEASE]) == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "said", "against"),
    [
        ("The battery lasts ten days.", "Each station has a battery that lasts for six days without sun.", True),
        ("Raw data is kept for 90 days.", "Raw data is kept for 180 days on the cluster.", True),
        ("Backups are not encrypted.", "Backups are encrypted at rest.", True),
        ("Ferry House was built in 2011.", "Ferry House was built in 2019.", True),
        ("Ferry House was built in 2011.", "Ferry House was built by 12 men.", False),  # a count is no year
        ("Backups are encrypted at rest.", "Backups are encrypted.", False),
        ("The stay limit is six nights.", "Guests leave after a stay of nine nights.", True),
        ("The berth costs 300 crowns a week.", "He would pay us 50 crowns a week.", False),  # alike in what is measured alone
        ("A berth costs 90 crowns a week.", "From 1 May 2022 a berth costs 110 crowns a week.", True),
        ("The permit ends in 2021.", "Since 1 May 2020 the permit ends in 2024.", True),
        ("Die Brücke ist gesperrt.", "Die Brücke ist nicht gesperrt.", True),
        ("Le pont ferme.", "Le pont ne ferme pas.", True),
        ("The pump weighs 40 kilos.", "pump hall | Lena Holt | 4420", False),  # a row shares words as columns do
        ("Stations in the north have a second battery.", "The board bought mounts for the three stations in the north.", False),
    ],
)  # fmt: skip
def test_a_quote_is_opposed_that_says_another_number_or_not_of_the_same(claim: str, said: str, against: bool) -> None:
    assert opposed(claim, said) is against


@pytest.mark.parametrize(
    ("claim", "said", "support"),
    [
        ("The fee is 120 euros.", "The annual fee is raised from 120 to 140 euros from 2024.", "unsupported"),
        ("The fee is 140 euros.", "The annual fee is raised from 120 to 140 euros from 2024.", "supported"),
        ("The fee was 120 euros.", "The annual fee was raised from 120 to 140 euros in 2024.", "supported"),
        ("The harbour grew in 1990.", "The harbour grew from 1990 to 2000.", "supported"),
        ("The crew has six men.", "They reduced the crew from six men to four men.", "unsupported"),
        ("The shop is open from 9.", "They set the shop to be open from 9 to 17.", "supported"),
    ],
)
def test_what_a_quote_tells_as_changed_supports_nothing_that_holds_now(claim: str, said: str, support: str) -> None:
    assert bounded("supported", claim, [quote(said)]) == support
    assert opposed(claim, said) is (support == "unsupported")


@pytest.mark.parametrize(
    ("support", "place"), [("contradicted", ["b.md"]), ("supported", ["a.md"]), ("unsupported", [])]
)
def test_a_verdict_names_the_quote_that_it_rests_on(support: Support, place: list[str]) -> None:
    quotes = [quote("Data is kept for 90 days and deleted.", "a.md"), quote("Data is kept for 180 days.", "b.md")]
    assert [item.path for item in deciding("Data is kept for 90 days and deleted.", support, quotes)] == place


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The mill lifts water. (Notes)", "The mill lifts water."),
        ("The mill lifts water (No", "The mill lifts water"),  # cut short
        ("The mill lifts water (in winter).", "The mill lifts water (in winter)."),
        ("The mill lifts water.", "The mill lifts water."),
    ],
)
def test_a_source_that_a_model_copies_along_is_no_part_of_its_claim(claim: str, text: str) -> None:
    assert unsourced(claim, [RELEASE]) == text


MILL = quote("The mill was bought by Maria Jones in 1904 from Peter Hall and lifts 1,250 litres.", "mill.md")


@pytest.mark.parametrize(
    ("claim", "support"),
    [
        ("The mill lifts 250 litres.", "unsupported"),  # a number inside another
        ("The mill was bought in 190 by Maria Jones.", "unsupported"),
        ("The mill was bought by Maria Hall in 1904.", "unsupported"),  # one's first name, another's surname
        ("The mill was bought by Mari Jones in 1904.", "unsupported"),  # a name inside another
        ("Tarn mill was bought in 1904 by Maria Jones.", "partial"),  # may be a name
        ("The mill was bought in 1904 and lifts 1250 litres.", "supported"),
    ],
)
def test_no_number_or_name_is_taken_for_another(claim: str, support: str) -> None:
    assert not repeats(claim, [MILL])
    assert bounded("supported", claim, [MILL]) == support


@pytest.mark.parametrize(
    ("claim", "source", "support"),
    [
        ("Erosion fell by 4 percent.", "Erosion fell by 4%.", "supported"),
        ("Erosion fell by 4%.", "Erosion fell by four per cent.", "supported"),
        ("It lifts twelve crates.", "It lifts 12 crates.", "supported"),
        ("It lifts 12 crates.", "It lifts twelve crates.", "supported"),
        ("It lifts 1 crate.", "It lifts one crate.", "supported"),
        ("A 12-hour shift.", "A twelve-hour shift.", "supported"),
        ("A twelve-hour shift.", "A 12-hour shift.", "supported"),
        ("It cost 25,000 crowns.", "It cost twenty-five thousand crowns.", "supported"),
        ("It cost 2500000 crowns.", "It cost 2.5 million crowns.", "supported"),
        ("The twelfth gate.", "The 12th gate.", "supported"),
        ("It lifts thirteen crates.", "It lifts 12 crates.", "unsupported"),
        ("It lifts 12 crates.", "It lifts twenty crates.", "unsupported"),
        ("A 13-hour shift.", "A twelve-hour shift.", "unsupported"),
    ],
)
def test_a_number_in_words_equals_its_digits(claim: str, source: str, support: str) -> None:
    assert bounded("supported", claim, [quote(source)]) == support


def test_an_older_quote_does_not_stand_against_what_a_newer_one_tells() -> None:
    old = replace(quote("The yearly fee stays at 60 euros."), date="2021-05-03")
    new = replace(quote("The yearly fee is now 75 euros."), date="2024-05-03")
    assert standing("The yearly fee is 75 euros.", [old, new]) == [new]
    assert standing("The yearly fee is 60 euros.", [old, new]) == [old, new], "the newer one contradicts it"


def test_the_end_of_a_number_repeats_nothing() -> None:
    assert not repeats("250 litres", [MILL])


def test_the_cells_of_a_row_are_no_thousands() -> None:
    def row(path: str, quote: str) -> Evidence:
        return Evidence("x", quote, path, 1, None, 0, len(quote), "wells.csv › well,depth,year", "")

    assert (
        bounded("supported", "The depth of well Rowan 7 is 619.", [row("wells.csv", "Rowan 7,619,1990")])
        != "unsupported"
    )
    assert (
        bounded("supported", "The well Rowan 7 is from 1990.", [row("a/wells.CSV", 'Rowan 7,"6,190",1990')])
        != "unsupported"
    )
    assert (
        bounded("supported", "The depth of well Rowan 7 is 190.", [row("wells.csv", 'Rowan 7,"6,190",1990')])
        == "unsupported"
    )
    assert bounded("supported", "Some 619 people came.", [row("wells.md", "Some 7,619 people came.")]) == "unsupported"
    assert repeats("Rowan 7,619,1990", [row("wells.csv", "Rowan 7,619,1990")])


@pytest.mark.parametrize(
    ("claim", "source", "support"),
    [
        ("人口为六十万。", "人口为二百六十万。", "unsupported"),
        ("人口为2600000。", "人口为二百六十万。", "supported"),
        ("一九八四年落成。", "一九四八年落成。", "unsupported"),
        ("The fund holds 7bn crowns.", "The fund holds 7m crowns.", "unsupported"),
        ("The fund holds 7 billion crowns.", "The fund holds 7bn crowns.", "supported"),
        ("容量为40升。", "水库的容量为40升。", "supported"),
        ("容量为40万升。", "水库的容量为40亿升。", "unsupported"),
    ],
)
def test_numbers_in_ideographs_and_with_a_scale_are_told_apart(claim: str, source: str, support: str) -> None:
    assert bounded("supported", claim, [quote(source)]) == support


@pytest.mark.parametrize(
    ("claim", "older", "newer", "over"),
    [
        ("A berth costs 90 crowns a week.", "A berth costs 90 crowns a week.", "Since 1 May 2022 a berth costs 110 crowns a week.", True),
        ("Books are lent for 28 days.", "Books are lent for 28 days.", "Books are lent for six weeks.", True),
        ("A berth costs 90 crowns a week.", "A berth costs 90 crowns a week.", "A bed costs 30 crowns.", False),  # of another thing
        ("A berth costs 90 crowns a week.", "A berth costs 90 crowns a week.", "A berth costs 90 crowns a week.", False),
        ("The gate was painted in 2019.", "The gate was painted in 2019.", "The gate was painted by 12 men.", False),
        ("A berth costs 80 crowns a week.", "A berth costs 90 crowns a week.", "A berth costs 110 crowns a week.", False),  # never told
    ],
)  # fmt: skip
def test_what_a_newer_quote_tells_otherwise_holds_no_more(claim: str, older: str, newer: str, over: bool) -> None:
    old, new = replace(quote(older, "a.md"), date="2020-01-01"), replace(quote(newer, "b.md"), date="2022-04-20")
    assert superseding(claim, [old, new]) == ([new] if over else [])
    assert not superseding(claim, [replace(old, date="2023-01-01"), new]), "the claim is of the newer one"
    assert not superseding(claim, [old, replace(new, date="")]), "nobody knows which is newer"
