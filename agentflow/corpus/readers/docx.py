"""Word documents by python-docx. `line` is the number of the paragraph or table row, counted from the top."""

from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.unreadable import Unreadable

LARGEST = 200_000_000  # bytes unpacked
RATIO = 200  # unpacked to packed, of one part; text packs about ten to one


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no Word document, for bombs and for damage."""
    _check_archive(content)
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        document = Document(BytesIO(content))
        return _extract(document)
    except (OpcError, LxmlError, KeyError, ValueError, AttributeError, BadZipFile) as error:
        raise Unreadable(f"a damaged Word document ({type(error).__name__}: {error})") from error


def _check_archive(content: bytes) -> None:
    try:
        parts = ZipFile(BytesIO(content)).infolist()
    except BadZipFile as error:
        raise Unreadable(f"not a Word document ({error})") from error
    if sum(part.file_size for part in parts) > LARGEST:
        raise Unreadable(f"unpacks to more than {LARGEST / 1e6:.0f} MB")
    if any(part.file_size > RATIO * max(part.compress_size, 1) and part.file_size > 1_000_000 for part in parts):
        raise Unreadable("packed more tightly than text ever is: a zip bomb")
    if not any(part.filename == "word/document.xml" for part in parts):
        raise Unreadable("not a Word document: it holds no word/document.xml")


def _extract(document: Any) -> Extract:
    from docx.table import Table

    flow = Flow()
    line = 0
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            for row in part.rows:
                line += 1
                flow.begin("row", 0)
                for text in dict.fromkeys(cell.text for cell in row.cells):  # merged cells come twice
                    flow.cell(line)
                    flow.add(" ".join(text.split()), line)
                flow.end()
            continue
        line += 1
        kind, level = _kind(part.style.name if part.style is not None else "")
        flow.begin(kind, level)
        flow.add(" ".join(part.text.split()), line)
        flow.end()
    extract = flow.extract()
    extract.title = document.core_properties.title or ""
    stamp = document.core_properties.modified or document.core_properties.created
    extract.date = stamp.date().isoformat() if stamp else ""
    return extract


def _kind(style: str) -> tuple[BlockKind, int]:
    if style == "Title":
        return "heading", 1
    if style.startswith("Heading"):
        level = style.removeprefix("Heading").strip()
        return "heading", int(level) if level.isdigit() else 1
    return ("item", 0) if style.startswith("List") else ("prose", 0)
