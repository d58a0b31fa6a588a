"""What a document is called and when it was written, by what it says of itself."""

import re
from datetime import UTC, datetime
from pathlib import PurePath

from agentflow.corpus.blocks import Extract

TITLE = ("title", "subject", "name")
# The newest date a document tells counts: it says how current its claims are.
DATES = (
    "last-modified",
    "last modified",
    "last updated",
    "updated",
    "modified",
    "revised",
    "date",
    "published",
    "created",
)
SHORT = 24
# Titles that programs give: of the program or the template, not of the document.
PROGRAM = re.compile(
    r"(?i)^(?:microsoft (?:word|excel|power\s?point|office\w*)|(?:open|libre)office[\w. ]*|pages|google docs|print(?:ing)?)\s*[-–:]\s*"
)
SUFFIX = re.compile(
    r"(?i)\.(?:docx?|dotx?|odt|rtf|txt|pdf|tex|dvi|ps|pptx?|xlsx?|indd|qxd|pmd|pub|pages|wpd|md|html?|tmp)$"
)
USELESS = re.compile(
    r"(?i)(?:untitled|unbenannt|ohne titel|sans titre|sin t[ií]tulo|senza titolo|no title|new|microsoft|blank|word|standard|default)?"
    r"[\s_-]*(?:document|dokument|documento|page|file|presentation|pr[äa]sentation|slides?|folie|workbook|layout|template"
    r"|vorlage|scan(?:ned)?(?: document)?|image|print(?:job)?|title|titel|normal|memo)?[\s_-]*(?:\(?\d+\)?)?"
    r"|(?:power\s?point|excel|word|ms word|tex output.*|\(?anonymous\)?|unspecified|none|null|n/?a|home|index)"
    r"|powerpoint[- ]pr[äa]sentation|powerpoint presentation|\W*"
)


def title_of(extract: Extract, path: PurePath) -> str:
    """Front matter or header field, then the reader's (HTML, PDF), then the first heading, then the file name."""
    fields = {label.lower(): value for label, value in extract.fields.items()}
    named = next((fields[name] for name in TITLE if fields.get(name)), "")
    if named:
        return _one_line(f"{_number(extract.fields)}{named}")
    if own := meant(extract.title):
        return _one_line(own)
    for block in extract.blocks[:40]:
        if block.kind == "heading":
            return _one_line(extract.text[block.start : block.end])
    return path.name


def meant(title: str) -> str:
    """A title as its writer meant it, without the name of a program or of a file's format; empty where nobody gave one."""
    title = " ".join(title.split())
    bare = SUFFIX.sub("", PROGRAM.sub("", title)).strip(" -–_")
    return "" if USELESS.fullmatch(bare) else bare if PROGRAM.match(title) or SUFFIX.search(title) else title


def _number(fields: dict[str, str]) -> str:
    """A header that opens with a number of its own (`RFC: 2119`, `Ticket: AB-12`) is known by that number."""
    label, value = next(iter(fields.items()))
    if label.lower() in TITLE or len(value) > SHORT or not re.search(r"\d", value) or date_of_text(value):
        return ""
    return f"{value} – " if label.lower() in ("id", "number", "no") else f"{label} {value} – "


def _one_line(title: str) -> str:
    return " ".join(re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", title).split())[:200]


def date_of(extract: Extract, modified: float) -> str:
    """ISO 8601 day: from the header fields, the format's own metadata, else when the file was last changed."""
    fields = {label.lower(): value for label, value in extract.fields.items()}
    for name in DATES:
        if found := date_of_text(fields.get(name, "")):
            return found
    return extract.date or datetime.fromtimestamp(modified, UTC).date().isoformat()


def date_of_text(value: str) -> str:
    """The day a text names whole (`05-Jul-2001`, `2024-03-01T10:00`, `March 1, 2024`), or nothing."""
    from dateutil import parser

    if not re.search(r"\d{4}", value) or len(value) > 40 or not re.search(r"[-/. :]", value):
        return ""
    try:
        found = parser.parse(value, default=datetime(1, 1, 1), dayfirst=bool(re.match(r"\d{1,2}\.", value)))
    except (ValueError, OverflowError):
        return ""
    return found.date().isoformat() if 1000 < found.year < 3000 else ""
