"""The letters of a PDF page by PDFium, put together to pieces of text with their places."""

import ctypes
import itertools
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

GAP = 0.16  # of the type's size: a wider one parts words
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")  # the number of a note, an exponent
NO_LETTER = ("Cc", "Co", "Cn")
BREAK = 0.8  # of the type's size: a wider one parts columns and cells
# What PDFium calls a hyphen at a line's end, blanks, and the bullets of symbol fonts.
MEANT = {
    **dict.fromkeys((0x02, 0xFFFE), "-"), **dict.fromkeys((0x09, 0x0A, 0x0D, 0xA0), " "),
    0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "‣", 0xF0FC: "✓",
}  # fmt: skip


@dataclass(slots=True)
class Piece:
    """Text without wide gaps in one line: `x0` to `x1` from the page's left edge, `y` its baseline from the top, `size`
    of its type, all in points. `unmapped` counts letters whose font does not say which they are."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    unmapped: int = 0


@dataclass(slots=True)
class FormField:
    """One line of what a field of a form holds; the field reaches from `top` to `bottom`."""

    piece: Piece
    top: float
    bottom: float

    def beside(self, found: list[Piece]) -> Piece:
        """On the baseline of the text beside the field, where there is any."""
        label = min(
            (other for other in found if self.top <= other.y <= self.bottom),
            key=lambda other: abs(self.piece.x0 - other.x1),
            default=self.piece,
        )
        return replace(self.piece, y=label.y, size=label.size)


@dataclass(slots=True)
class Letter:
    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    unmapped: bool
    upright: bool


def pieces(page: Any, form: Any = None) -> tuple[list[Piece], list[Piece]]:
    """The page's text in drawing order, then what runs in another direction. Values of form fields stand in place."""
    found: list[Piece] = []
    aside: list[Piece] = []
    for run in _runs(_letters(page)):
        (found if run[0].upright else aside).append(_piece(run))
    found = _once(found)
    if form is not None:
        found += [field.beside(found) for field in _fields(page, form)]
    return found, _once(aside)


def _once(found: list[Piece]) -> list[Piece]:
    """Text that is drawn twice to look bold is there once."""
    seen: dict[tuple[str, int, int], Piece] = {}
    for piece in found:
        if piece.text:
            seen.setdefault((piece.text, round(piece.x0 / piece.size * 2), round(piece.y / piece.size * 2)), piece)
    return list(seen.values())


def _letters(page: Any) -> Iterator[Letter]:
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    place = _placing(page)
    turn = page.get_rotation()
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    styles: dict[int, tuple[float, bool, int]] = {}
    for at in range(pdfium.FPDFText_CountChars(text)):
        if pdfium.FPDFText_IsGenerated(text, at) == 1:
            continue
        code = pdfium.FPDFText_GetUnicode(text, at)
        holder = pdfium.FPDFText_GetTextObject(text, at)
        key = ctypes.addressof(holder.contents) if holder else 0
        if key not in styles:
            styles[key] = _style(text, at)
        size, bold, angle = styles[key]
        pdfium.FPDFText_GetLooseCharBox(text, at, box)
        pdfium.FPDFText_GetCharOrigin(text, at, x, y)
        left, _ = place(box.left, box.bottom)
        right, _ = place(box.right, box.top)
        _, base = place(x.value, y.value)
        letter = MEANT.get(code) or (chr(code) if 0x20 <= code < 0x110000 else "\ufffd")
        if code:
            unmapped = unicodedata.category(letter) in NO_LETTER or pdfium.FPDFText_HasUnicodeMapError(text, at) == 1
            letter = "\ufffd" if unmapped and not letter.isprintable() else letter
            upright = (angle - turn) % 360 == 0
            yield Letter(letter, min(left, right), max(left, right), base, size, bold, unmapped, upright)


def _style(text: Any, at: int) -> tuple[float, bool, int]:
    """Size in points, boldness, and the direction in degrees, to the nearest quarter turn where it is close to one."""
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    scale = math.hypot(matrix.c, matrix.d) if pdfium.FPDFText_GetMatrix(text, at, matrix) else 1.0
    name = ctypes.create_string_buffer(200)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text, at, name, 200, flags)
    heavy = any(word in name.value.lower() for word in (b"bold", b"black", b"heavy", b"-semib", b"demi"))
    angle = round(math.degrees(pdfium.FPDFText_GetCharAngle(text, at)))
    near = round(angle / 90) * 90 % 360
    size = pdfium.FPDFText_GetFontSize(text, at) * (scale or 1.0)
    return max(size, 0.5), heavy, near if abs((angle - near + 180) % 360 - 180) <= 3 else angle % 360


def _placing(page: Any) -> Any:
    """A point of the page as it is stored, to one of the page as it is shown, from its top left corner."""
    left, bottom, right, top = page.get_mediabox()
    turn = page.get_rotation()
    if turn == 90:
        return lambda x, y: (y - bottom, x - left)
    if turn == 180:
        return lambda x, y: (right - x, y - bottom)
    if turn == 270:
        return lambda x, y: (top - y, right - x)
    return lambda x, y: (x - left, top - y)


def _runs(letters: Iterator[Letter]) -> Iterator[list[Letter]]:
    """Letters that follow each other in a line, a little up or down for an index."""
    run: list[Letter] = []
    for letter in letters:
        if run and not _follows(run[-1], letter):
            yield run
            run = []
        run.append(letter)
    if run:
        yield run


def _follows(before: Letter, letter: Letter) -> bool:
    size = max(before.size, letter.size)
    if before.upright != letter.upright:
        return False
    if not letter.upright:
        return abs(letter.y - before.y) < 2 * size and abs(letter.x0 - before.x0) < 2 * size
    if abs(letter.y - before.y) > (0.5 if letter.size != before.size else 0.25) * size:
        return False
    onwards = letter.x0 > before.x0 - 0.3 * size and letter.x0 - before.x1 < BREAK * size
    return onwards or 0 <= before.x0 - letter.x1 < BREAK * size


def _piece(run: list[Letter]) -> Piece:
    largest = max(letter.size for letter in run)
    level = next(letter.y for letter in run if letter.size == largest)
    parts = [run[0].text]
    for before, letter in itertools.pairwise(run):
        wide = letter.upright and letter.x0 - before.x1 > GAP * max(letter.size, before.size)
        if wide and not (before.text.isspace() or letter.text.isspace()):
            parts.append(" ")
        raised = letter.size < 0.85 * largest and letter.y < level - 0.15 * largest
        parts.append(letter.text.translate(RAISED) if raised else letter.text)
    seen = [letter for letter in run if not letter.text.isspace()] or run
    bold = sum(letter.bold for letter in seen) > 0.5 * len(seen)
    unmapped = sum(letter.unmapped for letter in seen)
    whole = "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # halves joined
    text = " ".join(whole.split())
    return Piece(text, min(each.x0 for each in seen), max(each.x1 for each in seen), level, largest, bold, unmapped)


def _fields(page: Any, form: Any) -> Iterator[FormField]:
    """What was typed or chosen in the fields of a form."""
    import pypdfium2.raw as pdfium

    place = _placing(page)
    for at in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, at)
        if not annotation:
            continue
        value = _value(form, annotation)
        box = pdfium.FS_RECTF()
        if value and pdfium.FPDFAnnot_GetRect(annotation, box):
            x0, y0 = place(box.left, box.bottom)
            x1, y1 = place(box.right, box.top)
            lines = [line for line in value.replace("\r", "\n").split("\n") if line.strip()]
            height = abs(y1 - y0) / len(lines)
            for number, line in enumerate(lines):
                top = min(y0, y1) + height * number
                size = min(height, 11.0) or 1.0
                text = " ".join(line.split())
                yield FormField(
                    Piece(text, min(x0, x1), max(x0, x1), top + 0.8 * height, size, False), top, top + height
                )
        pdfium.FPDFPage_CloseAnnot(annotation)


def _value(form: Any, annotation: Any) -> str:
    """Of buttons only a tick, as `[x]`; a field that hides what is typed says nothing."""
    import pypdfium2.raw as pdfium

    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        return "[x]" if pdfium.FPDFAnnot_IsChecked(form, annotation) else ""
    if kind not in (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX):
        return ""
    if pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & (1 << 13):  # a password
        return ""
    size = pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)
    if size <= 2 or size > 1_000_000:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0").strip()
