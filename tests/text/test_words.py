"""Words, numbers and names: what a claim may not invent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.text.names import foreign_names, names
from agentflow.text.numbers import foreign_numbers, numbers
from agentflow.text.opposites import denials
from agentflow.text.words import content_words, coverage, whole_words, words


def test_inflections_of_a_word_meet() -> None:
    assert coverage("created creates", "It creates something that was created") == 1


def test_versions_dates_and_amounts_stay_whole() -> None:
    assert numbers("Python 3.12 came on 05-Jul-2001 for $1,000") == {"3.12", "2001-07-05", "1000"}
    assert words("It costs 1,310, at -5 °C, on 05-Jul-2001") == [
        "it",
        "costs",
        "1,310",
        "at",
        "-5",
        "c",
        "on",
        "05-jul-2001",
    ]


@pytest.mark.parametrize(
    ("claim", "sources"),
    [
        ("5 mills", "150 mills"),
        ("310 people", "1,310 people"),
        ("310 people", "1 310 people"),
        ("12 people", "12\u202f000 people"),
        ("5 metres", "3.5 metres"),
        ("3 people", "3 million people"),
        ("five mills", "three mills"),
        ("1 mill", "5 mills"),
        ("5 °C", "−5 °C"),
        ("on 7 May 2001", "on 2001-05-08"),
        ("on 2001-05-07", "on 7 June 2001"),
        ("version 3.1", "version 3.11"),
        ("the 1990s", "in 1995"),
        ("at 14:45", "at 14:30"),
    ],
)
def test_a_number_is_not_found_inside_another(claim: str, sources: str) -> None:
    assert foreign_numbers(claim, sources)


@pytest.mark.parametrize(
    ("claim", "sources"),
    [
        ("1310 people", "1,310 people"),
        ("1.310 Menschen", "1310 Menschen"),
        ("3.5 m", "3,5 m"),
        ("40 km", "40km"),
        ("5 mills", "five mills"),
        ("two hundred and fifty", "250"),
        ("2.5 million", "2,500,000"),
        ("in May 2001", "on 2001-05-07"),
        ("7 May 2001", "2001-05-07"),
        ("PEP 8", "PEP-8"),
        ("3 to 4 weeks", "3–4 weeks"),
        ("minus 5", "−5"),
        ("one of the mills", "the mills"),
    ],
)
def test_a_number_is_known_in_whatever_form_it_is_written(claim: str, sources: str) -> None:
    assert not foreign_numbers(claim, sources)


@pytest.mark.parametrize(
    ("claim", "sources"),
    [
        ("Maria Smith wrote it.", "Maria Jones and Peter Smith wrote it."),
        ("It was written by Martin.", "Martinson wrote it."),
        ("Roberts wrote it.", "Robert wrote it."),
        ("Peter said so.", "Maria said so."),
        ("Peter Hall came.", "Maria Hall came."),
        ("Peter’s mill", "Maria's mill"),
        ('The pump "Oster" lifts it.', "The pump lifts it."),
        ("J. Smith came.", "Robert Smith came."),
    ],
)
def test_a_name_is_not_taken_for_another(claim: str, sources: str) -> None:
    certain, _ = foreign_names(claim, sources)
    assert certain


@pytest.mark.parametrize(
    ("claim", "sources"),
    [
        ("Dr. Maria Jones came.", "Maria L. Jones came."),
        ("President Hall spoke.", "Maria Hall was the President."),
        ("The Zurich Office", "the office in Zu\u0308rich"),
        ("It came in March.", "It came on 2024-03-05."),
        ("The German law", "a law of the Germans"),
        ("J. Smith came.", "John Smith came."),
        ("The mill of Maria Jones.", "Maria\nJones has a mill."),
    ],
)
def test_a_name_is_known_in_whatever_form_it_is_written(claim: str, sources: str) -> None:
    assert foreign_names(claim, sources) == (set(), set())


def test_a_word_that_only_may_be_a_name_is_doubtful() -> None:
    assert foreign_names("Oster pump lifts it.", "The pump lifts it.") == (set(), {"oster"})


def test_letters_that_look_the_same_are_the_same() -> None:
    assert coverage("efficiency of the municipality's café", "eﬃciency, muni\u00adcipality’s cafe\u0301") == 1


@given(st.text(), st.text())
def test_a_text_tells_all_its_own_numbers_and_names(text: str, more: str) -> None:
    assert not foreign_numbers(text, f"{text}\n\n{more}")
    certain, doubtful = foreign_names(text, text)
    assert not certain and not doubtful


def test_a_name_is_a_capital_inside_a_sentence() -> None:
    assert names("The author is Guido van Rossum. Then nothing.") == {"guido", "rossum"}


@given(st.text())
def test_a_text_covers_itself(text: str) -> None:
    assert coverage(text, text) == 1


@given(st.text(), st.text())
def test_coverage_is_a_share(claim: str, sources: str) -> None:
    assert 0 <= coverage(claim, sources) <= 1
    assert isinstance(content_words(claim), list)


@pytest.mark.parametrize(
    ("text", "count"), [("Invoice no. 12 is paid", 0), ("the asset no of the drill", 0), ("no, it is not", 2)]
)
def test_a_number_denies_nothing(text: str, count: int) -> None:
    assert denials(text) == count


def test_a_search_by_stems_is_told_in_words() -> None:
    said = "Which policies does the thesis name, and who is late?"
    assert whole_words("Kiel polic thesi lat; Thesi late; name", said) == "Kiel policies thesis late; Thesi late; name"
