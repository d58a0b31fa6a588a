"""PDF by PDFium: the lines of each page in reading order. Always run in a guarded child process.

PDFium rather than pypdf or pdfplumber: it tells each letter's place, whether its font maps it to a character, and the
values of forms; it opens AES without a further package, and it is the fastest of the three.
"""

import re
from typing import Any

from agentflow.corpus.blocks import Extract
from agentflow.corpus.dates import date_of_text
from agentflow.corpus.readers import Scans
from agentflow.corpus.readers.glyphs import Piece, pieces
from agentflow.corpus.readers.layout import Line, lines
from agentflow.corpus.readers.paragraphs import assemble
from agentflow.corpus.readers.unreadable import Scanned, Unreadable

MOST_PAGES = 5000
LONGEST = 40_000_000  # characters of the whole document
MOST_LETTERS = 500_000  # of one page
UNMAPPED = 0.3  # share of a page's letters whose font does not say what they are
OCR = "need text recognition (OCR) first"


def read(content: bytes, scans: Scans | None = None) -> Extract:
    """Raises Unreadable for encrypted and damaged files and for scans without a text layer."""
    import pypdfium2

    if b"%PDF-" not in content[:1024]:
        raise Unreadable("not a PDF: it does not begin with %PDF-")
    try:
        document = pypdfium2.PdfDocument(content)
        count = len(document)
    except (pypdfium2.PdfiumError, ValueError) as error:
        if "password" in str(error).lower():
            raise Unreadable("encrypted: it opens only with a password") from error
        raise Unreadable(f"a damaged PDF ({error})") from error
    if count > MOST_PAGES:
        raise Unreadable(f"{count:,} pages are more than the limit of {MOST_PAGES:,}")
    try:
        return Pages(document, scans or {}).extract()
    finally:
        document.close()


class Pages:
    """`pictures`, `unmapped` and `damaged` are numbers of pages, from 1, that could not be read; `ocr` the confidence
    of those that text recognition read."""

    def __init__(self, document: Any, scans: Scans) -> None:
        self.document = document
        self.scans = scans
        self.ocr: dict[str, float] = {}
        self.pictures: list[int] = []
        self.unmapped: list[int] = []
        self.damaged: list[int] = []

    def extract(self) -> Extract:
        form = self.form()
        pages: list[list[Line]] = []
        size = 0
        for number in range(1, len(self.document) + 1):
            pages.append(self.page(number, form))
            size += sum(len(line.text) for line in pages[-1])
            if size > LONGEST:
                raise Unreadable(f"more than {LONGEST / 1e6:.0f} million characters")
        extract = assemble(pages)
        extract.note = self.note()
        extract.unseen = sorted(self.pictures + self.unmapped)
        extract.ocr = self.ocr
        if not extract.text.strip():
            damaged = len(self.damaged) == len(self.document)
            reason = "a damaged PDF: no page of it can be read" if damaged else extract.note or "no text in it"
            raise Scanned(reason, extract.unseen) if extract.unseen else Unreadable(reason)
        self.metadata(extract)
        return extract

    def form(self) -> Any:
        import pypdfium2

        try:
            if self.document.get_formtype() == 0:
                return None
            self.document.init_forms()
            return self.document.formenv.raw if self.document.formenv else None
        except pypdfium2.PdfiumError:
            return None

    def page(self, number: int, form: Any) -> list[Line]:
        import pypdfium2
        import pypdfium2.raw as pdfium

        try:
            page = self.document[number - 1]
        except pypdfium2.PdfiumError:
            self.damaged.append(number)
            return []
        try:
            found, aside = pieces(page, form)
            letters = sum(len(piece.text) for piece in found)
            if letters > MOST_LETTERS:
                raise Unreadable(f"page {number} has more than {MOST_LETTERS:,} letters")
            if letters and sum(piece.unmapped for piece in found) > UNMAPPED * letters:
                return self.recognised(number, self.unmapped)
            readable = [piece for piece in found if piece.unmapped <= 0.5 * len(piece.text)]
            if not readable and not aside and pdfium.FPDFPage_CountObjects(page) > 0:
                return self.recognised(number, self.pictures)
            return [*lines(readable), *(_aside(piece) for piece in aside)]
        except pypdfium2.PdfiumError:
            self.damaged.append(number)
            return []
        finally:
            page.close()

    def recognised(self, number: int, unread: list[int]) -> list[Line]:
        """The page as text recognition read it; `unread` takes its number where it has not."""
        if number not in self.scans:
            unread.append(number)
            return []
        found = self.scans[number]
        letters = sum(len(text) for text, *_ in found) or 1
        self.ocr[str(number)] = round(sum(len(text) * sure for text, *_, sure in found) / letters, 4)
        return list(lines([Piece(text, x0, x1, y, size, False) for text, x0, x1, y, size, _ in found]))

    def note(self) -> str:
        """What was not read, in words."""
        told = [
            (self.pictures, f"no text, only pictures: they {OCR}"),
            (self.unmapped, f"text in fonts without a character map: they {OCR}"),
            (self.damaged, "damage"),
        ]
        every = len(self.document)
        notes = [f"{_named(pages, every)} of {every} with {what}" for pages, what in told if pages]
        if self.ocr:
            sure = sum(self.ocr.values()) / len(self.ocr)
            pages = _named([int(page) for page in self.ocr], every)
            notes.append(f"{pages} of {every} read by text recognition (OCR), {sure:.0%} sure")
        return "; ".join(notes)

    def metadata(self, extract: Extract) -> None:
        """Title and date; damage here costs only them."""
        information = self.document.get_metadata_dict(skip_empty=True)
        extract.title = str(information.get("Title", "")).strip()
        written = information.get("ModDate") or information.get("CreationDate") or ""
        if stamp := re.match(r"D:(\d{4})(\d{2})(\d{2})", written):
            extract.date = date_of_text("-".join(stamp.groups()))


def _aside(piece: Piece) -> Line:
    """Text that runs up or down the page stands alone."""
    return Line(piece.text, piece.x0, piece.x1, piece.y, piece.size, piece.bold, cells=2, first=True)


def _named(pages: list[int], every: int) -> str:
    if len(pages) == 1:
        return f"page {pages[0]}"
    shown = ", ".join(map(str, pages[:8])) + (f" and {len(pages) - 8} more" if len(pages) > 8 else "")
    return f"all {every} pages" if len(pages) == every else f"pages {shown}"
