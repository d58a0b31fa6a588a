"""Tables of every format: a row is one quote, and the names of its columns go with it."""

from pathlib import Path

import pytest

from agentflow.corpus.blocks import Extract
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.parsing.chunks import chunks
from agentflow.corpus.readers import html, table
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus


def kinds(extract: Extract) -> list[tuple[str, str]]:
    return [(block.kind, extract.text[block.start : block.end]) for block in extract.blocks]


def test_a_quote_mark_within_a_cell_is_a_letter() -> None:
    text = 'no;what\n1;3" screw\n2;"a; ""b""\nc"\n3;6" nail\n'
    assert kinds(table.read(text)) == [
        ("columns", "no;what"), ("row", '1;3" screw'), ("row", '2;"a; ""b""\nc"'), ("row", '3;6" nail'),
    ]  # fmt: skip


def test_a_quote_mark_that_nothing_closes_costs_its_own_record() -> None:
    text = 'no,what\n1,"open\n2,shut\n3,"fine"\n'
    assert [row for _, row in kinds(table.read(text))] == ["no,what", '1,"open', "2,shut", '3,"fine"']


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("town;2020;2021\nArlow;12;13\n", "columns"),
        ("12;13\n14;15\n", "row"),
        ("sep=;\nname;size\nelm;3\n", "columns"),
        ("name\tsize\nelm\t3\n", "columns"),
    ],
)
def test_the_first_record_names_the_columns_unless_it_holds_numbers(text: str, first: str) -> None:
    assert kinds(table.read(text))[0][0] == first


def test_every_passage_of_a_long_table_names_the_columns() -> None:
    rows = "".join(f"Well {number};{number * 37 % 101};dry\n" for number in range(200))
    extract = table.read(f"well;depth;state\n{rows}")
    found = list(chunks(extract))
    assert len(found) > 5
    assert {chunk.heading for chunk in found[1:]} == {"well;depth;state"}


def test_cells_of_a_page_hold_blocks_breaks_and_nothing() -> None:
    page = (
        b"<table><thead><tr><th>Hut<th><p>Beds<th>Open</thead><tr><td><ul><li>Elm<li>Oak</ul><td>"
        b"<td><div>May</div><div>June</div><tr><td rowspan=2>Fir<td>4<td>July<tr><td>5<td>August</table>"
    )
    assert kinds(html.read(page)) == [
        ("columns", "Hut | Beds | Open"), ("row", "Elm Oak | | May June"),
        ("row", "Fir | 4 | July"), ("row", "Fir | 5 | August"),
    ]  # fmt: skip


def test_a_table_that_only_arranges_the_page_is_no_table() -> None:
    text = "The mill stands by the river and grinds barley. " * 10
    page = f"<table><tr><td>Menu<td><p>{text}<p>It was built of stone.</table>".encode()
    assert ("prose", "It was built of stone.") in kinds(html.read(page))


async def test_a_row_is_found_with_the_names_of_its_columns(corpus: Corpus, folder: Path) -> None:
    rows = "".join(f"Hut {number},{number},{1900 + number}\n" for number in range(120))
    (folder / "huts.csv").write_text(f"name,beds,built\n{rows}", "utf-8")
    await ingest(corpus, [folder / "huts.csv"], embedder=None)
    last = corpus.passage(corpus.value("SELECT max(id) FROM chunks"))
    assert "Hut 119,119,2019" in last.text and last.source == "huts.csv › name,beds,built"


async def test_a_word_with_its_number_finds_the_row_that_has_both(corpus: Corpus, folder: Path) -> None:
    names = (
        "Elm",
        "Oak",
        "Fir",
        "Larch",
        "Yew",
        "Ash",
        "Lime",
        "Box",
        "Bay",
        "Birch",
        "Beech",
        "Alder",
        "Rowan",
        "Hazel",
    )
    rows = [f"{name} {number};{number * 37 % 91};dry" for number in range(1, 10) for name in names]
    (folder / "wells.csv").write_text("\n".join(["well;depth;state", *rows]), "utf-8")
    await ingest(corpus, [folder / "wells.csv"], embedder=None)
    for number in range(1, 10):
        best = await HybridSearcher(corpus, None).search(f"How deep is Hazel {number}?", k=1)
        assert f"Hazel {number};" in best[0].text
