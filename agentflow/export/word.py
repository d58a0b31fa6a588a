"""A report as a Word document."""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from docx import Document
from docx.shared import Pt

from agentflow.export.blocks import ReportBlock, StyledText, blocks

UNSET = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML cannot hold
EPOCH = datetime(1980, 1, 1)  # equal runs give equal documents
STYLES = {"paragraph": "Normal", "item": "List Paragraph", "quote": "Quote", "code": "Normal", "rule": "Normal"}


def to_docx(markdown: str, title: str) -> bytes:
    """`title` goes into the document's properties."""
    document = Document()
    facts = document.core_properties
    facts.title, facts.author = UNSET.sub("", title)[:255], "agentflow"
    facts.created = facts.modified = EPOCH
    for block in blocks(markdown):
        _add(document, block)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _add(document: Any, block: ReportBlock) -> None:
    if block.kind == "table":
        _add_table(document, block)
    elif block.kind == "heading":
        _write(document.add_heading(level=min(block.level, 9)), block.spans)
    else:
        paragraph = document.add_paragraph(style=STYLES[block.kind])
        if block.mark:
            paragraph.paragraph_format.first_line_indent = Pt(-18)
            paragraph.add_run(f"{block.mark}\t")
        _write(paragraph, [StyledText("—" * 20)] if block.kind == "rule" else block.spans)


def _add_table(document: Any, block: ReportBlock) -> None:
    width = max(map(len, block.rows))
    table = document.add_table(rows=len(block.rows), cols=width, style="Table Grid")
    for row, cells in zip(table.rows, block.rows, strict=True):
        for cell, content in zip(row.cells, cells, strict=False):
            _write(cell.paragraphs[0], content)


def _write(paragraph: Any, content: Sequence[StyledText]) -> None:
    for span in content:
        run = paragraph.add_run(UNSET.sub("", span.text))
        run.bold, run.italic = span.bold or None, span.italic or None
        if span.code:
            run.font.name = "Courier New"
