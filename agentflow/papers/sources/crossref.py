"""Crossref: https://api.crossref.org/swagger-ui/index.html. With a mailto in the polite pool; a key is Metadata Plus's."""

from collections.abc import Iterator, Mapping
from typing import Any

from agentflow.corpus.files.records import date_of
from agentflow.papers.paper import Link, Paper
from agentflow.papers.sources import Identity, SourceGet, each, json_of, listed
from agentflow.papers.values import (
    MOST_AUTHORS,
    arxiv_of,
    author,
    doi,
    first,
    is_free,
    licence,
    line,
    paragraphs,
    web_address,
    whole,
)

URL = "https://api.crossref.org"
HOSTS = ("api.crossref.org",)
PAUSE = 1.0  # lists, in the public pool
PAGE = 100
FIELDS = "DOI,title,author,issued,container-title,publisher,type,abstract,license,link,volume,issue,page"
KINDS = {
    "journal-article": "article-journal",
    "proceedings-article": "paper-conference",
    "book-chapter": "chapter",
    "monograph": "book",
    "book": "book",
    "posted-content": "article",
    "dissertation": "thesis",
    "dataset": "dataset",
}


def identity(mailto: str, key: str) -> Identity:
    return Identity({"mailto": mailto} if mailto else {}, {"Crossref-Plus-API-Token": f"Bearer {key}"} if key else {})


def papers(ask: SourceGet, query: str, count: int) -> Iterator[Paper]:
    cursor = "*"
    for start in range(0, count, PAGE):
        asked = {"query.bibliographic": query, "rows": min(PAGE, count - start), "cursor": cursor, "select": FIELDS}
        answer = json_of(ask("/works", asked))
        items = listed(answer, "message", "items")
        yield from each(items, read)
        cursor = line(answer["message"].get("next-cursor"), 5000)
        if not items or not cursor:
            return


def read(item: Any) -> Paper:
    """A PDF counts as open where the article's own licence is a Creative Commons one."""
    terms = [licence(each.get("URL")) for each in item.get("license") or [] if each.get("content-version") != "tdm"]
    free = next(filter(is_free, terms), "")
    links = [
        web_address(each.get("URL"))
        for each in item.get("link") or []
        if each.get("content-type") == "application/pdf" and each.get("intended-application") != "similarity-checking"
    ]
    told = doi(item["DOI"])
    return Paper(
        title=line(first(item.get("title"))), authors=tuple(filter(None, map(_author, (item.get("author") or [])[:MOST_AUTHORS]))),
        date=date_of(item.get("issued")), venue=line(first(item.get("container-title"))),
        abstract=paragraphs(item.get("abstract")), kind=KINDS.get(item.get("type"), "document"), doi=told, arxiv=arxiv_of(told),
        url=f"https://doi.org/{told}" if told else "", volume=whole(item.get("volume")), issue=whole(item.get("issue")),
        pages=line(item.get("page"), 40), publisher=line(item.get("publisher")), licence=free or next(iter(terms), ""), open=bool(free),
        pdfs=tuple(Link(url, "crossref") for url in dict.fromkeys(links) if url and free), sources=("crossref",),
    )  # fmt: skip


def _author(told: Mapping[str, object]) -> dict[str, str]:
    return author(*(line(told.get(part)) for part in ("family", "given", "name")))
