"""Values of foreign records as they are kept: one line without markup and control characters, ids in one form."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from agentflow.text.people import name
from agentflow.text.plain import plain

TAGS = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
PARAGRAPHS = re.compile(r"</(?:jats:)?(?:p|title|sec)>|\n\s*\n")
DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]{1,300}")
ARXIV = re.compile(r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})")
DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
ADDRESS = re.compile(r"https?://[^\s\"<>\\]{4,1990}")
CREATIVE = re.compile(r"(?:licenses/|^)(?:cc[ _-]?)?(by(?:[ _-](?:nc|nd|sa))*)(?:[/ _-](\d\.\d))?", re.IGNORECASE)
LONGEST = 300  # characters of a title or a name
ABSTRACT = 10_000
MOST_AUTHORS = 500


def line(value: object, longest: int = LONGEST) -> str:
    """Empty for what is no text."""
    text = unescape(TAGS.sub("", value[: 10 * longest])) if isinstance(value, str) else ""
    return " ".join(plain(text).split())[:longest].rstrip()


def paragraphs(value: object) -> str:
    """An abstract, a blank line between its paragraphs."""
    parts = PARAGRAPHS.split(value[: 4 * ABSTRACT]) if isinstance(value, str) else []
    return "\n\n".join(filter(None, (line(part, ABSTRACT) for part in parts)))[:ABSTRACT]


def first(value: object) -> object:
    """Of a list; what is none stands for itself."""
    return next(iter(value), "") if isinstance(value, list) else value


def whole(value: object) -> str:
    """A number or its digits as text."""
    number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12
    return str(value) if number else line(value, 40)


def doi(value: object) -> str:
    found = DOI.search(plain(value[:1000])) if isinstance(value, str) else None
    return found[0].lower().rstrip(".,;") if found else ""


def arxiv_id(value: object) -> str:
    """Of an address, `arXiv:2101.00001v2` or a DOI of arXiv, without its version."""
    found = ARXIV.search(value[:1000]) if isinstance(value, str) else None
    return found[0] if found else ""


def arxiv_of(told_doi: str) -> str:
    return arxiv_id(told_doi.partition("arxiv.")[2]) if told_doi.startswith("10.48550/") else ""


def date(value: object) -> str:
    """What an ISO date tells: a year, a month, a day."""
    found = DATE.match(str(value)) if isinstance(value, str | int) else None
    return _day(*found.groups()) if found else ""


def _day(year: str, month: str | None, day: str | None) -> str:
    if not month or not 1 <= int(month) <= 12:
        return year
    return f"{year}-{month}-{day}" if day and 1 <= int(day) <= 31 else f"{year}-{month}"


def authors(told: list[Any]) -> tuple[Mapping[str, str], ...]:
    """From names as they are shown; without those that are empty."""
    return tuple(name(shown) for value in told[:MOST_AUTHORS] if (shown := line(value)))


def author(family: str, given: str, group: str) -> dict[str, str]:
    """Of a name in its parts, a group's, or one that only the given part holds; empty for none."""
    if family:
        return {"family": family, "given": given} if given else {"family": family}
    return {"literal": group} if group else name(given) if given else {}


def licence(value: object) -> str:
    """`CC BY-NC 4.0` in all its spellings; another one in its own words."""
    told = line(value, 100)
    if "publicdomain/zero" in told or re.fullmatch(r"cc[ _-]?(?:0|zero).*", told, re.IGNORECASE):
        return "CC0"
    if found := CREATIVE.search(re.sub(r"(?i)^ccby", "cc-by", told)):
        return f"CC {re.sub('[ _]', '-', found[1]).upper()} {found[2] or ''}".strip()
    return told


def is_free(told: str) -> bool:
    """Whether a licence, as `licence` words it, lets everybody read the text."""
    return told.startswith(("CC ", "CC0"))


def web_address(value: object) -> str:
    """Empty for what is none."""
    return value if isinstance(value, str) and ADDRESS.fullmatch(value) and value.isascii() else ""
