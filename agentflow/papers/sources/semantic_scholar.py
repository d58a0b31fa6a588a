"""Semantic Scholar: https://api.semanticscholar.org/api-docs/graph. Without a key all programs share one limit."""

from collections.abc import Iterator
from typing import Any

from agentflow.papers.paper import Link, Paper
from agentflow.papers.sources import Identity, SourceGet, each, json_of, listed
from agentflow.papers.values import arxiv_id, authors, date, doi, licence, line, paragraphs, web_address, whole

URL = "https://api.semanticscholar.org"
HOSTS = ("api.semanticscholar.org",)
PAUSE = 1.0
PAGE = 100
FIELDS = "title,abstract,venue,year,publicationDate,publicationTypes,authors,externalIds,openAccessPdf,isOpenAccess,journal,url"
KINDS = {"JournalArticle": "article-journal", "Review": "article-journal", "Conference": "paper-conference", "Book": "book",
         "BookSection": "chapter", "Dataset": "dataset"}  # fmt: skip


def identity(mailto: str, key: str) -> Identity:
    return Identity(headers={"x-api-key": key} if key else {})


def papers(ask: SourceGet, query: str, count: int) -> Iterator[Paper]:
    """A hyphen finds nothing here, and an answer without results has no `data`."""
    offset = 0
    for _ in range(0, count, PAGE):
        asked = {
            "query": query.replace("-", " "),
            "offset": offset,
            "limit": min(PAGE, count - offset),
            "fields": FIELDS,
        }
        answer = json_of(ask("/graph/v1/paper/search", asked))
        if isinstance(answer, dict) and answer.get("total") == 0:
            return
        yield from each(listed(answer, "data"), read)
        following = answer.get("next")
        if not isinstance(following, int) or not offset < following < count:
            return
        offset = following


def read(item: Any) -> Paper:
    ids, journal, free = item.get("externalIds") or {}, item.get("journal") or {}, item.get("openAccessPdf") or {}
    told, arxiv, pdf = doi(ids.get("DOI")), arxiv_id(ids.get("ArXiv")), web_address(free.get("url"))
    types = item.get("publicationTypes") or []
    venue = line(journal.get("name")) or line(item.get("venue"))
    preprint = bool(arxiv) and venue.lower() in ("", "arxiv", "arxiv.org")
    pmcid = whole(ids.get("PubMedCentral")).removeprefix("PMC")
    return Paper(
        title=line(item.get("title")), authors=authors([each.get("name") for each in item.get("authors") or []]),
        date=date(item.get("publicationDate")) or date(item.get("year")), venue="" if preprint else venue,
        publisher="arXiv" if preprint else "", abstract=paragraphs(item.get("abstract")),
        kind="article" if preprint else next((KINDS[each] for each in types if each in KINDS), "article-journal"),
        doi=told or (f"10.48550/arxiv.{arxiv}" if arxiv else ""), arxiv=arxiv, pmid=whole(ids.get("PubMed")),
        pmcid=f"PMC{pmcid}" if pmcid.isdigit() else "", url=f"https://doi.org/{told}" if told else web_address(item.get("url")),
        volume=whole(journal.get("volume")), pages=line(journal.get("pages"), 40), licence=licence(free.get("license")),
        open=item.get("isOpenAccess") is True or bool(pdf), pdfs=(Link(pdf, "semantic_scholar"),) if pdf else (),
        sources=("semantic_scholar",),
    )  # fmt: skip
