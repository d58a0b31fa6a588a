"""Which reader takes which file. A reader is a module with `read`: text or bytes in, an Extract out."""

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers.signs import OFFICE, content_suffix

# Raise it when a reader finds other blocks than before: unchanged files are then read again.
VERSION = 18


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
    **dict.fromkeys((".ics", ".ical"), Format("ics", "ical", binary=True, guarded=True)),
    ".org": Format("org", "org"),
    **dict.fromkeys((".adoc", ".asciidoc"), Format("asciidoc", "asciidoc.reader")),
    **dict.fromkeys((".texi", ".texinfo", ".txi"), Format("texinfo", "texinfo")),
    **dict.fromkeys((".man", ".mdoc"), Format("man", "roff.reader")),
    **dict.fromkeys((".xml", ".tei", ".jats", ".dbk"), Format("xml", "xml", binary=True, guarded=True)),
    **dict.fromkeys((".json", ".geojson"), Format("json", "json", binary=True, guarded=True)),
    **dict.fromkeys((".jsonl", ".ndjson"), Format("jsonl", "json", binary=True, guarded=True)),
    ".zip": Format("zip", "zipped", binary=True, guarded=True),
    ".svg": Format("image", "image"),
    **dict.fromkeys(CODE_SUFFIXES, CODE),
}


# Files that a program makes others of: what they hold is told by the suffix within (`page.rst.inc`).
TEMPLATES = (".inc", ".in", ".tmpl", ".j2")
WRITTEN = "txt code md rst html csv tsv latex bib org asciidoc texinfo man xml json jsonl".split()
PACKED_PAGE = re.compile(r"(?i).+\.[1-9ln][a-z]{0,8}\.gz")
PACKED = Format("man", "roff.gzipped", binary=True, guarded=True)


def format_of(path: PurePath, content: bytes = b"") -> Format:
    """By the file's suffix; of an unknown one, and of text or an office suffix, by what the content begins with: programs
    write web pages as `.doc` and `.xls`, mails as `.txt`. Anything else is tried as plain text."""
    suffix = path.suffix.lower()
    if suffix in TEMPLATES and (within := FORMATS.get(PurePath(path.stem).suffix.lower())) and within.kind in WRITTEN:
        return within
    if PACKED_PAGE.fullmatch(path.name):
        return PACKED
    form = FORMATS.get(suffix, TXT)
    return FORMATS.get(content_suffix(suffix, content), form) if form is TXT or suffix in OFFICE else form


def read(form: Format, content: str | bytes, scans: Scans | None = None) -> Extract:
    """Runs the format's reader here; `scans` is what text recognition has read of its pages. Raises Unreadable, or
    whatever its library raises on damaged input."""
    reader = import_module(f"agentflow.corpus.readers.{form.reader}")
    extract: Extract = reader.read(content, scans) if scans else reader.read(content)
    return extract
