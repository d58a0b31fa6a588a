"""A report as PDF, set by reportlab in a font that holds its letters."""

import io
from collections.abc import Sequence
from html import escape
from typing import Any

from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfdoc import PDFString
from reportlab.platypus import HRFlowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from agentflow.export.blocks import ReportBlock, StyledText, blocks
from agentflow.export.fonts import choose

MARGIN = 22 * mm
SIZES = {1: 17, 2: 13}
SHOWN = 40  # characters without a glyph that are named
GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.4, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")])


def to_pdf(markdown: str, title: str) -> bytes:
    """A4. Characters that no font of this machine holds are set as `?` and named at the end."""
    font, missing = choose(markdown)
    text = "".join("?" if char in missing else char for char in markdown)
    content = [part for block in blocks(text) for part in _set(block, font)]
    if missing:
        codes = " ".join(f"U+{ord(char):04X}" for char in missing[:SHOWN])
        note = f"{len(missing)} characters are in no font of this machine and stand as ?: {codes}"
        content.append(Paragraph(note, _style(font, 8)))
    file = io.BytesIO()
    page = SimpleDocTemplate(
        file, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=title, author="agentflow", invariant=1,
    )  # fmt: skip
    page.build(content, onFirstPage=_number, onLaterPages=_number)
    return file.getvalue()


def _set(block: ReportBlock, font: str) -> list[Any]:
    match block.kind:
        case "heading":
            size = SIZES.get(block.level, 11)
            return [
                Paragraph(
                    _markup([StyledText(span.text, bold=True) for span in block.spans]), _style(font, size, before=8)
                )
            ]
        case "rule":
            return [Spacer(1, 6), HRFlowable(width="100%", thickness=0.5, color=colors.grey)]
        case "table":
            width = max(map(len, block.rows))
            cells = [[Paragraph(_markup(cell), _style(font, 9)) for cell in row] for row in block.rows]
            column = (A4[0] - 2 * MARGIN) / width
            return [Table(cells, colWidths=[column] * width, style=GRID, repeatRows=1), Spacer(1, 6)]
        case "item":
            return [Paragraph(_markup(block.spans), _style(font, left=16), bulletText=block.mark)]
        case "quote":
            style = _style(font, left=14)
            style.borderPadding, style.backColor = (3, 4, 3, 4), colors.HexColor("#f3f3f3")
            return [Paragraph(_markup(block.spans), style), Spacer(1, 4)]
        case "code":
            return [Paragraph(_markup(block.spans).replace("\n", "<br/>"), _style(font, 8))]
    return [Paragraph(_markup(block.spans), _style(font))]


def _style(font: str, size: int = 10, *, before: int = 2, left: int = 0) -> ParagraphStyle:
    return ParagraphStyle(
        "text", fontName=font, bulletFontName=font, fontSize=size, leading=size * 1.4, spaceBefore=before, spaceAfter=4, leftIndent=left,
        alignment=TA_LEFT, splitLongWords=True,
    )  # fmt: skip


def _markup(content: Sequence[StyledText]) -> str:
    """reportlab's own inline markup; what the text holds of it stays text."""
    parts = []
    for span in content:
        text = escape(span.text, quote=False)
        text = f"<b>{text}</b>" if span.bold else text
        parts.append(f"<i>{text}</i>" if span.italic else text)
    return "".join(parts)


def _number(canvas: Any, page: SimpleDocTemplate) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(A4[0] - MARGIN, MARGIN / 2, str(canvas.getPageNumber()))
    canvas._doc.Catalog.Lang = PDFString("en")
