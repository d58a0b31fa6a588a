"""Reports as Word and PDF: every word arrives, in any script and whatever markup it holds, and can be read back."""

import io

import docx
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow.export.blocks import blocks
from agentflow.export.fonts import choose
from agentflow.export.formats import document, form_of
from agentflow.research.report.markdown import inert

pytestmark = pytest.mark.usefixtures("each_database")

REPORT = """# How high is the tower?

**42 metres**

## Claims

1. It is **42** metres high. [1][2] *(partly supported)*
2. <b>Bold & brave</b> &amp; plain. [2]

## Evidence

[1] `docs/tower.md:4` (The tower, 2024-05-01)

> It is 42 metres high.
> Čeština, Ελληνικά, – “quoted”.

| one source says | another says |
|---|---|
| 42 metres [1] | 44 metres [2] |

---

written by a model
"""
WORDS = [
    "How high is the tower?",
    "42 metres",
    "partly supported",
    "<b>Bold & brave</b>",
    "docs/tower.md:4",
    "44 metres",
]


def word_text(data: bytes) -> str:
    found = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in found.paragraphs), *cells])


def pdf_text(data: bytes) -> str:
    pages = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pages)


@pytest.mark.parametrize("words", WORDS)
def test_every_part_of_the_report_arrives(words: str) -> None:
    assert words in word_text(document(REPORT, "Tower", "docx"))
    assert words in " ".join(pdf_text(document(REPORT, "Tower", "pdf")).split())


def test_items_keep_their_numbers_and_the_head_of_a_table_is_its_first_row() -> None:
    found = blocks(REPORT)
    assert [block.mark for block in found if block.kind == "item"] == ["1.", "2."]
    (table,) = [block for block in found if block.kind == "table"]
    assert [row[0][0].text for row in table.rows] == ["one source says", "42 metres [1]"]


def test_what_no_font_holds_is_named() -> None:
    rare = "\U00012000"
    assert rare in choose(rare)[1]
    assert "U+12000" in pdf_text(document(f"# {rare} sign", "t", "pdf"))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200))
def test_any_text_can_be_set(text: str) -> None:
    markdown = f"# {inert(text)}\n\n{inert(text)}\n\n> {inert(text)}\n"
    assert pypdfium2.PdfDocument(document(markdown, text, "pdf"))
    assert docx.Document(io.BytesIO(document(markdown, text, "docx")))


def test_equal_reports_are_equal_files() -> None:
    assert document(REPORT, "Tower", "pdf") == document(REPORT, "Tower", "pdf")


@pytest.mark.parametrize(
    ("name", "form"), [("a.PDF", "pdf"), ("b.docx", "docx"), ("c.bib", "bibtex"), ("d", ""), ("e.htm", "html")]
)
def test_the_ending_names_the_form(name: str, form: str) -> None:
    assert form_of(name) == form
