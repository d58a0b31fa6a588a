"""PDF files by reportlab: columns, heads and feet, footnotes, hyphens, tables, each with a fact on its second page."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tests.corpus.facts import Told

SPACED = ("en", "de", "fr", "es", "it", "pt", "ru", "pl", "el", "ko", "ar", "hi")
ASIAN = {"zh": "STSong-Light", "ja": "HeiseiMin-W3", "ko": "HYSMyeongJo-Medium"}  # fonts that every viewer has
WIDE, HIGH = 595, 842


@cache
def font(language: str) -> str:
    """The font at hand has no Thai and no Indian letters, and Arabic ones would have to be joined."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    if language in ASIAN:
        pdfmetrics.registerFont(UnicodeCIDFont(ASIAN[language]))
        return ASIAN[language]
    if language not in ("ru", "pl", "el"):
        return "Helvetica"
    import matplotlib

    pdfmetrics.registerFont(TTFont("DejaVuSans", Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"))
    return "DejaVuSans"


def drawn(told: Told, second: Callable[[Any, Told], None]) -> bytes:
    """A page of filling, with other lines at its edges, then what `second` draws."""
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(WIDE, HIGH))
    canvas.setTitle(told.title)
    lines(canvas, told, 60, 760, [told.after, told.title, told.before])
    canvas.showPage()
    second(canvas, told)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def lines(canvas: Any, told: Told, x: float, y: float, texts: list[str], size: float = 10, step: float = 14) -> None:
    canvas.setFont(font(told.language), size)
    for at, text in enumerate(texts):
        canvas.drawString(x, y - step * at, text)


def halves(text: str, mark: str = "") -> tuple[str, str]:
    """Cut between two words, or within a word behind a hyphen; where no blanks are set, in the middle."""
    if mark:
        word = max(text.split(), key=len)
        at = text.index(word) + len(word) // 2
        return text[:at] + mark, text[at:]
    if (at := text.rfind(" ", 0, len(text) // 2 + 4)) < 0:
        at = next(place for place in range(len(text) // 2, len(text)) if not text[place].isascii())
    return text[:at], text[at:].strip()


def plain(told: Told) -> bytes:
    return drawn(told, lambda canvas, told: lines(canvas, told, 60, 760, [told.before, told.fact, told.after]))


def broken(told: Told, mark: str = "") -> bytes:
    """The fact goes on in the next line, behind `mark` within a word."""

    def second(canvas: Any, told: Told) -> None:
        first, rest = halves(told.fact, mark)
        lines(canvas, told, 60, 760, [told.before, first, f"{rest} {told.after}"])

    return drawn(told, second)


def hyphens(told: Told) -> bytes:
    return broken(told, "-")


def filled(told: Told, text: str, wide: float) -> list[str]:
    """Lines that fill the width, broken between words, or anywhere where no blanks are set."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    parts = [f"{word} " for word in text.split()] if told.language in SPACED else list(text)
    found = [""]
    for part in parts:
        if stringWidth(found[-1] + part, font(told.language), 10) > wide:
            found.append("")
        found[-1] += part
    return [line.strip() for line in found]


def columns(told: Told) -> bytes:
    """Two columns that are drawn line by line, as some programs do. The right one begins with the fact."""

    def second(canvas: Any, told: Told) -> None:
        gap = " " if told.language in SPACED else ""
        filling = gap.join([told.after, told.before] * 12)
        left, right = (filled(told, text, 210) for text in (filling, gap.join([told.fact, filling])))
        left, right = [*left[:11], told.after], right[:12]
        for at in range(12):
            for x, column in ((60, left), (320, right)):
                lines(canvas, told, x, 700 - 13 * at, column[at : at + 1])

    return drawn(told, second)


def framed(told: Told) -> bytes:
    """Three pages with a head and a foot; the fact runs on from the end of one page into the next."""
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(WIDE, HIGH))
    first, rest = halves(told.fact)
    gap = " " if told.language in SPACED else ""
    last = f"{told.before}{gap}{first}"  # fills the width of its page
    for number, texts in enumerate([[told.before, told.after, told.before], [told.after, last], [rest]], 1):
        lines(canvas, told, 60, 810, [told.title], 8)
        lines(canvas, told, 290, 30, [f"{number} / 3"], 8)
        lines(canvas, told, 60, 760, texts)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def footnote(told: Told) -> bytes:
    """In small type at the foot of the page, behind its number, under a rule."""

    def second(canvas: Any, told: Told) -> None:
        lines(canvas, told, 60, 760, [told.before, told.after])
        canvas.line(60, 96, 200, 96)
        lines(canvas, told, 60, 84, ["1"], 6)
        lines(canvas, told, 66, 80, [told.fact], 8)

    return drawn(told, second)


def table(told: Told) -> bytes:
    """A table with rules by reportlab's own layout, between paragraphs, on the second page."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

    name = font(told.language)
    style = ParagraphStyle("told", fontName=name, wordWrap="CJK" if told.language in ASIAN else None)
    told_rows = [["Elm", told.before, "1901"], ["Oak", told.fact, "1902"], ["Ash", told.after, "1903"]]
    rows = Table([["Name", "What", "Year"], *told_rows], colWidths=[60, 320, 60])
    rows.setStyle([("GRID", (0, 0), (-1, -1), 0.5, "black"), ("FONT", (0, 0), (-1, -1), name, 9)])
    stream = io.BytesIO()
    parts = [Paragraph(told.before, style), PageBreak(), Paragraph(told.after, style), rows]
    SimpleDocTemplate(stream, title=told.title).build(parts)
    return stream.getvalue()


def set_in(told: Told) -> bytes:
    """Paragraphs as reportlab sets them: justified, in a narrow frame, the lines broken by the program."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate

    name = font(told.language)
    style = ParagraphStyle(
        "told", fontName=name, alignment=4, wordWrap="CJK" if told.language in ASIAN else None, leading=13
    )
    head = ParagraphStyle("head", parent=style, fontSize=13, leading=16, alignment=0)
    stream = io.BytesIO()
    gap = "" if told.language in ASIAN else " "
    whole = gap.join([told.fact, told.after, told.before])
    parts = [Paragraph(told.before, style), PageBreak(), Paragraph(told.title, head), Paragraph(whole, style)]
    SimpleDocTemplate(stream, title=told.title, leftMargin=170, rightMargin=170).build(parts)
    return stream.getvalue()
