"""The documents that a report quotes as CSL-JSON, the form that citation processors and Zotero read."""

import re
from typing import Any
from urllib.parse import urlsplit

from agentflow.research.report.schema import Quote, Report
from agentflow.text.people import names


def csl_items(report: Report) -> list[dict[str, Any]]:
    """One item a document, in the order of the evidence; `id` is its path."""
    first: dict[str, Quote] = {}
    for quote in report.evidence:
        first.setdefault(quote.path, quote)
    return [_item(quote) for quote in first.values()]


def _item(quote: Quote) -> dict[str, Any]:
    if quote.record:
        return {**quote.record, "id": quote.path}
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
