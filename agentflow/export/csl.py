"""The documents that a report quotes as CSL-JSON, the form that citation processors and Zotero read."""

import re
from typing import Any
from urllib.parse import urlsplit

from agentflow.research.report_schema import Quote, Report

MAIL = re.compile(r"<[^>]*>|\([^)]*@[^)]*\)|\S+@\S+")
BETWEEN = re.compile(r"\s*;\s*|\s+and\s+|\s*&\s*|\s+und\s+|\s+et\s+")
PARTICLES = {"van", "von", "de", "der", "den", "del", "della", "di", "da", "la", "le", "du", "ter", "zu"}
OFFICES = set(
    "office department ministry agency university institute institut school council committee commission association society"
    " foundation company corporation group team project library museum bank union board bureau inc ltd gmbh ev e.v.".split()
)
MOST = 4  # words of a person's name; a longer one is an organisation's


def csl_items(report: Report) -> list[dict[str, Any]]:
    """One item a document, in the order of the evidence; `id` is its path."""
    first: dict[str, Quote] = {}
    for quote in report.evidence:
        first.setdefault(quote.path, quote)
    return [_item(quote) for quote in first.values()]


def _item(quote: Quote) -> dict[str, Any]:
    item: dict[str, Any] = {"id": quote.path, "type": "webpage" if quote.url else "document"}
    item["title"] = quote.source.split(" › ")[0] or quote.path
    if authors := names(quote.author):
        item["author"] = authors
    if date := _parts(quote.date):
        item["issued"] = date
    if quote.url:
        item |= {
            "URL": quote.url,
            "container-title": urlsplit(quote.url).hostname or "",
            "accessed": _parts(quote.retrieved),
        }
    return item


def _parts(date: str) -> dict[str, Any]:
    numbers = [int(part) for part in re.findall(r"\d+", date[:10])]
    return {"date-parts": [numbers]} if numbers else {}


def names(text: str) -> list[dict[str, str]]:
    """`Ida van Hansen and J. Berg`, `Hansen, Ida; Berg, J.`, `A One, B Two`: people by family and given name,
    organisations as they are."""
    text = " ".join(MAIL.sub("", text).split()).strip(" ,;")
    parts = [part for part in BETWEEN.split(text) if part]
    if len(parts) == 1 and text.count(",") and all(" " in part.strip() for part in text.split(",")):
        parts = [part.strip() for part in text.split(",")]
    return [_name(part) for part in parts]


def _name(text: str) -> dict[str, str]:
    if "," in text:
        family, _, given = text.partition(",")
        return {"family": family.strip(), "given": given.strip()}
    words = text.split()
    office = any(word.lower().strip(".") in OFFICES for word in words)
    if (
        office
        or not 2 <= len(words) <= MOST
        or not all(word[0].isupper() or word.lower() in PARTICLES for word in words)
    ):
        return {"literal": text}
    start = next(
        (place for place, word in enumerate(words[:-1]) if place and word.lower() in PARTICLES), len(words) - 1
    )
    return {"family": " ".join(words[start:]), "given": " ".join(words[:start])}
