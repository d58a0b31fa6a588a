"""PDF by pypdf: the text of each page in turn. Always run in a guarded child process."""

import re
from io import BytesIO
from typing import Any

from agentflow.corpus.blocks import Block, Extract
from agentflow.corpus.readers.plain import Scanner
from agentflow.corpus.readers.unreadable import Unreadable

MOST_PAGES = 5000
LONGEST = 40_000_000  # characters of the whole document
HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")


def read(content: bytes) -> Extract:
    """Raises Unreadable for encrypted and damaged files and for scans without a text layer."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if b"%PDF-" not in content[:1024]:
        raise Unreadable("not a PDF: it does not begin with %PDF-")
    try:
        reader = PdfReader(BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("encrypted: it opens only with a password")
        count = len(reader.pages)
        if count > MOST_PAGES:
            raise Unreadable(f"{count:,} pages are more than the limit of {MOST_PAGES:,}")
        return _extract(reader)
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, AssertionError) as error:
        raise Unreadable(f"a damaged PDF ({type(error).__name__}: {error})") from error
    except RecursionError as error:
        raise Unreadable("a damaged PDF: its objects refer to each other in circles") from error


def _extract(reader: Any) -> Extract:
    extract = Extract("")
    pieces: list[str] = []
    size = 0
    for page in reader.pages:
        text = page.extract_text().replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")
        text = HYPHEN.sub("", text).rstrip() + "\n"
        if size + len(text) > LONGEST:
            raise Unreadable(f"more than {LONGEST / 1e6:.0f} million characters")
        extract.pages.append(size)
        extract.blocks += [
            Block(block.kind, block.start + size, block.end + size, block.level)
            for block in Scanner(text, markup=False).scan()
        ]
        pieces.append(text)
        size += len(text)
    extract.text = "".join(pieces)
    if not extract.text.strip():
        raise Unreadable("no text in it: pages of pictures need text recognition (OCR) first")
    _metadata(reader, extract)
    return extract


def _metadata(reader: Any, extract: Extract) -> None:
    """Title and date; damage here costs only them."""
    from agentflow.corpus.identity import date_of_text

    try:
        information = reader.metadata or {}
        extract.title = str(information.get("/Title") or "").strip()
        stamp = re.match(
            r"D:(\d{4})(\d{2})(\d{2})", str(information.get("/ModDate") or information.get("/CreationDate") or "")
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    if stamp:
        extract.date = date_of_text("-".join(stamp.groups()))
