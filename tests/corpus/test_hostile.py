"""Files made to hurt (S5, S6): each costs itself only, within limits of memory and time."""

import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
import pytest_asyncio

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.parsing.parser import Parser
from agentflow.corpus.readers import FORMATS
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.store import Corpus

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parser() -> AsyncIterator[Parser]:
    async with Parser(seconds=20) as opened:
        yield opened


def pdf(*pages: str, extra: bytes = b"") -> bytes:
    """A PDF with one line of text a page, written by hand."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for at, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode()
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * at} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return body + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start) + extra


def docx(paragraphs: list[tuple[str, str]]) -> bytes:
    from docx import Document

    document = Document()
    for style, text in paragraphs:
        document.add_paragraph(text, style=style)
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Assam", "3"
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


async def test_a_pdf_tells_page_and_line(corpus: Corpus, folder: Path) -> None:
    (folder / "two.pdf").write_bytes(pdf("The first page is short.", "The second page tells of whales."))
    await ingest(corpus, [folder], embedder=None)
    document = corpus.document("two.pdf")
    place = corpus.locate(document.id, corpus.text(document.id).index("whales"))
    assert (document.pages, place.page, place.line, str(place)) == (2, 2, 1, "docs/two.pdf p. 2:1")


async def test_a_word_document_tells_its_paragraph(parser: Parser) -> None:
    extract = await parser.read(
        FORMATS[".docx"], docx([("Title", "Tea"), ("Normal", "We drink it. Daily."), ("List Bullet", "Green")])
    )
    kinds = [(block.kind, extract.text[block.start : block.end]) for block in extract.blocks]
    assert kinds == [("heading", "Tea"), ("prose", "We drink it. Daily."), ("item", "Green"), ("row", "Assam | 3")]
    assert [line for _, line in extract.lines] == [1, 2, 3, 4]


async def test_a_notebook_gives_its_cells(parser: Parser) -> None:
    cells = b'{"cells": [{"cell_type": "markdown", "source": ["# Tea\\n", "It is hot."]}, {"cell_type": "code", "source": "x = 1"}]}'
    extract = await parser.read(FORMATS[".ipynb"], cells)
    assert extract.text == "# Tea\nIt is hot.\n\nx = 1\n\n"


def zipped(**parts: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + at, b"&%c;" % (97 + at) * 10) for at in range(9)
) + b"]><w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>&j;</w:body></w:document>"  # fmt: skip

HOSTILE = {
    "no pdf": (".pdf", b"hello", "not a PDF"),
    "cut pdf": (".pdf", pdf("One page.")[:150], "damaged PDF"),
    "xref loop": (
        ".pdf",
        b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer << /Prev 9 /Root 1 0 R >>\nstartxref\n9\n%%EOF",
        "damaged PDF|no text",
    ),
    "page tree loop": (".pdf", pdf("x").replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"), "damaged PDF|no text"),
    "no zip": (".docx", b"PK\x03\x04 no", "not a Word document"),
    "other zip": (".docx", zipped(a=b"b"), "not a Word document"),
    "bomb": (".docx", zipped(word__document=b"0" * 30_000_000), "zip bomb"),
    "empty word": (".docx", zipped(**{"word__document.xml": b"<a/>"}), "damaged Word"),
    "no notebook": (".ipynb", b"[" * 100_000, "not a Jupyter notebook"),
    "huge html": (".html", b"<p>x" * 6_000_000, "MB of HTML"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_refused_with_a_reason(parser: Parser, name: str) -> None:
    suffix, content, reason = HOSTILE[name]
    with pytest.raises(Unreadable, match=reason):
        await parser.read(FORMATS[suffix], content)
    assert (await parser.read(FORMATS[".html"], b"<p>Still here.")).text == "Still here.\n"


async def test_xml_entities_are_not_expanded_without_end(parser: Parser) -> None:
    whole = docx([("Normal", "x")])
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(whole)) as source, zipfile.ZipFile(stream, "w") as target:
        for part in source.namelist():
            target.writestr(part, ENTITIES if part == "word/document.xml" else source.read(part))
    try:
        assert len((await parser.read(FORMATS[".docx"], stream.getvalue())).text) < 1_000_000
    except Unreadable as error:
        assert "damaged Word document" in str(error)


async def test_deeply_nested_html_is_read_or_refused(parser: Parser) -> None:
    assert (await parser.read(FORMATS[".html"], b"<div>" * 200_000 + b"deep")).text == "deep\n"


async def test_a_reader_that_hangs_is_stopped_and_the_next_file_goes_on() -> None:
    async with Parser(seconds=60) as parser:
        await parser.read(FORMATS[".html"], b"<p>warm")
        parser.seconds = 0.2  # six times less than this page takes to outgrow its memory
        with pytest.raises(Unreadable, match=r"took more than 0.2 s|reader died"):
            await parser.read(FORMATS[".html"], b"<a " * 4_000_000)
        parser.seconds = 60
        assert (await parser.read(FORMATS[".html"], b"<p>next")).text == "next\n"


async def test_the_child_cannot_take_all_memory() -> None:
    async with Parser(seconds=20) as parser:
        assert (await parser.read(FORMATS[".html"], b"<p>warm")).text == "warm\n"
        assert parser.child is not None
        limits = Path(f"/proc/{parser.child.pid}/limits")
        if not limits.exists():
            pytest.skip("needs /proc")
        shown = {line[:26].strip(): line[26:].split()[0] for line in limits.read_text().splitlines()}
        assert shown["Max address space"] == "2000000000" and shown["Max file size"] == "0"
