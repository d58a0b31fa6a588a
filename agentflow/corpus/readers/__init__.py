"""Which reader takes which file. A reader is a module with `read`: text or bytes in, an Extract out."""

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath

from agentflow.corpus.blocks import Extract

# Raise it when a reader finds other blocks than before: unchanged files are then read again.
VERSION = 14


# Of each page, by number: the recognised lines as (text, left, right, baseline, height, confidence), in points.
Scans = dict[int, list[tuple[str, float, float, float, float, float]]]


@dataclass(frozen=True, slots=True)
class Format:
    """`binary` readers get bytes; `guarded` ones parse in a child process with limits, their formats invite attacks."""

    kind: str
    reader: str
    binary: bool = False
    guarded: bool = False


TXT = Format("txt", "txt")
CODE = Format("code", "code")
CODE_SUFFIXES = (
    ".py .pyi .js .jsx .ts .tsx .c .h .cc .cpp .hpp .cs .java .kt .go .rs .rb .php .swift .scala .sh .bash .zsh .sql .r "
    ".jl .lua .pl .m .toml .yaml .yml .ini .cfg .conf .css .scss .proto .graphql .tf .cmake .dockerfile .tcss"
).split()
FORMATS = {
    ".txt": TXT,
    ".text": TXT,
    ".log": TXT,
    **dict.fromkeys((".md", ".markdown", ".mdx", ".qmd", ".rmd"), Format("md", "md")),
    **dict.fromkeys((".rst", ".rest"), Format("rst", "rst")),
    **dict.fromkeys((".html", ".htm", ".xhtml"), Format("html", "html", binary=True, guarded=True)),
    ".pdf": Format("pdf", "pdf", binary=True, guarded=True),
    ".docx": Format("docx", "docx", binary=True, guarded=True),
    ".csv": Format("csv", "table"),
    ".tsv": Format("tsv", "table"),
    **dict.fromkeys((".eml", ".mbox", ".mht", ".mhtml"), Format("mail", "mail", binary=True, guarded=True)),
    ".rtf": Format("rtf", "rtf", binary=True, guarded=True),
    ".ipynb": Format("ipynb", "notebook", binary=True, guarded=True),
    **dict.fromkeys((".pptx", ".pptm"), Format("pptx", "powerpoint", binary=True, guarded=True)),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx", ".xltm"), Format("xlsx", "excel", binary=True, guarded=True)),
    **dict.fromkeys((".odt", ".ott"), Format("odt", "opendocument", binary=True, guarded=True)),
    **dict.fromkeys((".ods", ".ots"), Format("ods", "opendocument", binary=True, guarded=True)),
    **dict.fromkeys((".odp", ".otp"), Format("odp", "opendocument", binary=True, guarded=True)),
    ".epub": Format("epub", "epub", binary=True, guarded=True),
    **dict.fromkeys((".tex", ".ltx", ".latex"), Format("latex", "latex", binary=True, guarded=True)),
    ".bib": Format("bib", "bib"),
    ".org": Format("org", "org"),
    **dict.fromkeys((".xml", ".tei", ".jats", ".dbk"), Format("xml", "xml", binary=True, guarded=True)),
    **dict.fromkeys((".json", ".geojson"), Format("json", "json", binary=True, guarded=True)),
    **dict.fromkeys((".jsonl", ".ndjson"), Format("jsonl", "json", binary=True, guarded=True)),
    ".zip": Format("zip", "zipped", binary=True, guarded=True),
    ".svg": Format("image", "image"),
    **dict.fromkeys(CODE_SUFFIXES, CODE),
}


def format_of(path: PurePath, content: bytes = b"") -> Format:
    """By the file's suffix; of an unknown one, and of text or an office suffix, by what the content begins with: programs
    write web pages as `.doc` and `.xls`, mails as `.txt`. Anything else is tried as plain text."""
    suffix = path.suffix.lower()
    form = FORMATS.get(suffix, TXT)
    return FORMATS.get(content_suffix(suffix, content), form) if form is TXT or suffix in OFFICE else form


OFFICE = (".docx", ".pptx", ".xlsx", ".rtf", ".odt", ".ods", ".odp")
SIGNS = {
    ".rtf": re.compile(rb"\s*\{\\rtf"),
    ".pdf": re.compile(rb"\s*%PDF-\d"),
    ".html": re.compile(rb"(?is)\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.{,500}?-->\s*)*(?:<!doctype\s+html|<html[\s>])"),
    ".eml": re.compile(rb"(?i)(?=[!-9;-~]+:[ \t])(?:[^\n]+\n){1,80}?(?:mime-version|content-transfer-encoding):"),
    ".xml": re.compile(rb"\s*<\?xml\s(?!.{,2000}<svg)", re.DOTALL),
}
PARTS = {
    ".pptx": "ppt/presentation.xml",
    ".docx": "word/document.xml",
    ".xlsx": "xl/workbook.xml",
    ".epub": "META-INF/container.xml",
}
OPEN_DOCUMENT = re.compile(rb"mimetypeapplication/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)")


def content_suffix(suffix: str, content: bytes) -> str:
    """The suffix that the content asks for; empty where it does not say."""
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if head.startswith(b"PK\x03\x04"):
        if suffix in OFFICE:
            return ""  # slides and documents hold workbooks
        if found := OPEN_DOCUMENT.search(head[30:150]):
            return {b"text": ".odt", b"spreadsheet": ".ods", b"presentation": ".odp"}[found[1]]
        return next((kind for kind, part in PARTS.items() if part.encode() in content), "")
    if (kind := next((kind for kind, sign in SIGNS.items() if sign.match(head)), "")) or suffix not in (
        ".xls",
        ".xlsx",
    ):
        return kind
    return ".tsv" if b"\t" in head and b"\x00" not in head else ""


def read(form: Format, content: str | bytes, scans: Scans | None = None) -> Extract:
    """Runs the format's reader here; `scans` is what text recognition has read of its pages. Raises Unreadable, or
    whatever its library raises on damaged input."""
    reader = import_module(f"agentflow.corpus.readers.{form.reader}")
    extract: Extract = reader.read(content, scans) if scans else reader.read(content)
    return extract
