"""What of slides, sheets, books, data and notes is read, what is left out, and what a note tells of it."""

import io
import json as jsonlib
from collections.abc import Sequence

import pytest

from agentflow.corpus.blocks import Extract
from agentflow.corpus.passage import Place
from agentflow.corpus.readers import epub, excel, json, latex, md, opendocument, org, powerpoint, xml
from tests.corpus.made import FILES, odf


def kinds(extract: Extract) -> list[tuple[str, str]]:
    return [(block.kind, extract.text[block.start : block.end]) for block in extract.blocks]


def workbook(*rows: Sequence[object], formats: dict[str, str] | None = None, hidden: bool = False) -> Extract:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "Costs"
    for row in rows:
        sheet.append(row)
    for cell, form in (formats or {}).items():
        sheet[cell].number_format = form
    if hidden:
        book.create_sheet("Secret").sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return excel.read(stream.getvalue())


def test_cells_are_shown_as_a_person_sees_them() -> None:
    from datetime import datetime, time

    rows: list[list[object]] = [
        ["what", "value"],
        ["share", 0.125],
        ["day", datetime(2024, 3, 1)],
        ["hour", time(9, 30)],
        ["sum", 3.0],
        ["open", True],
    ]
    found = kinds(workbook(*rows, formats={"B2": "0.0%"}))
    assert found[0] == ("heading", "Costs") and found[1] == ("columns", "what | value")
    assert [text for _, text in found[2:]] == [
        "share | 12.5%",
        "day | 2024-03-01",
        "hour | 09:30:00",
        "sum | 3",
        "open | TRUE",
    ]


def test_a_second_table_of_a_sheet_names_its_own_columns() -> None:
    found = kinds(workbook(["name", "size"], ["Elm", 3], [], ["city", "people"], ["Oslo", 4]))
    assert [kind for kind, _ in found] == ["heading", "columns", "row", "columns", "row"]


def test_a_hidden_sheet_is_left_out_with_a_note() -> None:
    assert workbook(["a"], hidden=True).note == "the hidden sheet Secret was not read"


def test_a_slide_gives_title_table_chart_and_notes() -> None:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Harvest"
    data = CategoryChartData()
    data.categories = ["May", "June"]
    data.add_series("Rye", (3, 4.5))
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, Inches(1), Inches(4), Inches(4), Inches(3), data)
    slide.shapes.add_textbox(Inches(1), Inches(2), Inches(4), Inches(1)).text_frame.text = "Over the chart."
    slide.notes_slide.notes_text_frame.text = "Say it slowly."
    hidden = deck.slides.add_slide(deck.slide_layouts[5])
    hidden.shapes.title.text = "Not shown"
    hidden.element.set("show", "0")
    stream = io.BytesIO()
    deck.save(stream)
    extract = powerpoint.read(stream.getvalue())
    assert kinds(extract) == [
        ("heading", "Harvest"), ("prose", "Over the chart."), ("columns", "| Rye"), ("row", "May | 3"), ("row", "June | 4.5"),
        ("prose", "Say it slowly."),
    ]  # fmt: skip
    assert extract.note == "1 hidden slides were not read"


def test_opendocument_leaves_deletions_out_and_keeps_notes() -> None:
    note = "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>A note.</text:p></text:note-body></text:note>"
    body = (
        f"<text:p>Ten<text:s text:c='2'/>crowns{note}.</text:p><office:annotation><text:p>why?</text:p></office:annotation>"
        "<text:list><text:list-item><text:p>One</text:p></text:list-item></text:list>"
    )
    assert kinds(opendocument.read(odf("text", body))) == [
        ("prose", "Ten crowns."),
        ("item", "A note."),
        ("item", "One"),
    ]


def test_a_book_tells_who_wrote_it_and_when() -> None:
    extract = epub.read(FILES["book.epub"]("The mill turns."))
    assert (extract.title, extract.author, extract.date, extract.tags) == (
        "A book",
        "Ann Berg",
        "2011-04-05",
        ["novel"],
    )
    assert extract.labels == ["chapter 1", "chapter 2"]


def test_latex_is_read_as_it_is_set() -> None:
    source = rb"""\title{On Mills}\author{Ann Berg}\date{3 May 2020}
\begin{document}\maketitle
\section{Wheels} % not this
M\"uller\footnote{A miller.} measured $v^2$ --- see \cite{berg}.
\begin{verbatim}
x = 1
\end{verbatim}
\end{document}"""
    extract = latex.read(source)
    assert (extract.title, extract.author, extract.date) == ("On Mills", "Ann Berg", "2020-05-03")
    assert kinds(extract) == [
        ("heading", "Wheels"), ("prose", "Müller measured $v^2$ — see [berg]."), ("item", "A miller."), ("code", "x = 1"),
    ]  # fmt: skip


def test_a_record_is_one_row_and_a_long_value_a_text() -> None:
    long = "The mill stands by the river and grinds barley. " * 10
    record = {
        "name": "Elm",
        "at": {"x": 1},
        "tags": ["a", "b"],
        "story": long,
        "parts": [{"n": 1}, {"n": 2}],
        "none": None,
    }
    found = kinds(json.read(jsonlib.dumps([record]).encode()))
    assert found == [
        ("row", "name: Elm | tags: a, b"),
        ("row", "at.x: 1"),
        ("prose", long.strip()),
        ("heading", "Elm"),
        ("row", "n: 1"),
        ("row", "n: 2"),
    ]


def test_xml_gives_rows_paragraphs_and_headings() -> None:
    page = b"<doc><rec id='3' size='big'><name>Elm</name><age>9</age></rec>\n<sec><title>One</title><p>A <i>b</i> c.</p></sec></doc>"
    assert kinds(xml.read(page)) == [("row", "size: big | name: Elm | age: 9"), ("heading", "One"), ("prose", "A b c.")]


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("tags: [a, b]", ["a", "b"]),
        ("tags:\n- a\n- b", ["a", "b"]),
        ("tags: a, b", ["a", "b"]),
        ("tag: '#a'", ["a"]),
        ("tags: {", []),
    ],
)
def test_front_matter_tells_tags_and_author(header: str, tags: list[str]) -> None:
    extract = md.read(f"---\n{header}\nauthor: Ann Berg\n---\n# One\n\nSee #river/upper and a#b, [[Mill]].\n")
    assert extract.tags == [*tags, "river/upper"] and (extract.author == "Ann Berg" or not tags)


def test_org_gives_headlines_tables_and_tags() -> None:
    extract = org.read(
        "#+TITLE: Trips\n#+FILETAGS: :sea:\n* TODO North :boat:\nWe sail.\n| a | b |\n|---+---|\n| 1 | 2 |\n# no\n"
    )
    assert extract.fields["title"] == "Trips" and extract.tags == ["sea", "boat"]
    assert [kind for kind, _ in kinds(extract)] == ["field", "field", "heading", "prose", "columns", "row"]


def test_a_place_names_the_part() -> None:
    from ui.quotes import place_of

    place = Place("docs/a (1).pptx", 3, part="slide 2")
    assert str(place) == "docs/a (1).pptx (slide 2):3" and place_of(str(place)) == ("docs/a (1).pptx", 3, None)
