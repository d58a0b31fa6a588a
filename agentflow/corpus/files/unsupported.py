"""Files that hold what people read in a form that is not read here: named as such, unlike pictures and programs."""

import mimetypes
from pathlib import PurePath

SLIDES = "slides: save them as .pptx or PDF"
SHEET = "a spreadsheet: save it as .xlsx or CSV"
LETTER = "a word processor's document: save it as PDF or .docx"
BOOK = "an e-book: save it as EPUB, PDF, HTML or text"
PAGES = "pages in a form that is not read: save them as PDF"
MAIL = "mail in a form that is not read: save it as text or PDF"
DATABASE = "a database: save what counts as CSV"
ARCHIVE = "an archive: unpack it, or make it a ZIP file"
SCAN = "a scanned picture: save it as PDF with its text recognised"
KINDS = {
    SLIDES: ".ppt .pps .ppsx .pot .potx .sxi .key",
    SHEET: ".xls .xlsb .xlt .sxc .numbers",
    LETTER: ".doc .docm .dot .dotx .sxw .pages .wpd .wps .hwp .hwpx .abw .lwp .one .pub .mpp .vsd .vsdx .odg",
    BOOK: ".mobi .azw .azw3 .kfx .fb2 .lit .ibooks .chm",
    PAGES: ".djvu .djv .xps .oxps .ps .eps .dvi .indd .ai .dwg",
    MAIL: ".msg .pst .ost .dbx .emlx",
    DATABASE: ".mdb .accdb .sqlite .sqlite3 .db3 .dbf .odb .parquet .feather .sav .dta .sas7bdat .rds",
    ARCHIVE: ".7z .rar .tar .gz .tgz .bz2 .xz .zst .lz4 .cab .iso .dmg",
    SCAN: ".tif .tiff .jbig2 .jb2",
}
BY_SUFFIX = {suffix: kind for kind, suffixes in KINDS.items() for suffix in suffixes.split()}
OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # Word, Excel, PowerPoint and Outlook up to 2003, whatever the suffix


def unsupported(path: PurePath, content: bytes) -> str:
    """The reason to record for a binary file; empty for one without words, such as a picture or a program."""
    suffix = path.suffix.lower()
    if kind := BY_SUFFIX.get(suffix):
        return f"{suffix} is not read: {kind}"
    office = content.startswith(OLE) or (content.startswith(b"PK\x03\x04") and is_office(content[:4096]))
    return "an office document that is not read: save it as PDF, .docx, .pptx or .xlsx" if office else ""


def is_office(head: bytes) -> bool:
    """Of a ZIP file: whether it is OOXML, ODF or EPUB."""
    return b"[Content_Types].xml" in head or head[30:38] == b"mimetype"


def is_media(path: PurePath) -> bool:
    """By the name alone: a picture, film, sound or font, of any size."""
    kind = mimetypes.guess_type(path.name)[0] or ""
    return kind.split("/")[0] in ("image", "video", "audio", "font") and path.suffix.lower() not in BY_SUFFIX
