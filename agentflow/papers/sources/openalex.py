"""OpenAlex: https://developers.openalex.org. Without a key, which is free, some ten searches a day."""

from collections.abc import Iterator, Mapping
from typing import Any

from agentflow.papers.paper import Link, Paper
from agentflow.papers.sources import Identity, SourceGet, each, json_of, listed
from agentflow.papers.values import (
    ABSTRACT,
    arxiv_id,
    arxiv_of,
    authors,
    date,
    doi,
    licence,
    line,
    paragraphs,
    web_address,
    whole,
)

URL = "https://api.openalex.org"
HOSTS = ("api.openalex.org",)
PAUSE = 0.2
PAGE = 100
FIELDS = (
    "doi,ids,title,publication_date,publication_year,type,authorships,primary_location,best_oa_location,open_access,biblio,"
    "abstract_inverted_index"
)
KINDS = {"article": "article-journal", "review": "article-journal", "preprint": "article", "book": "book",
         "book-chapter": "chapter", "dissertation": "thesis", "dataset": "dataset"}  # fmt: skip
WORDS = 2000  # of an abstract


def identity(mailto: str, key: str) -> Identity:
    """The key last: a message that quotes the start of an address does not show it."""
    return Identity({**({"mailto": mailto} if mailto else {}), **({"api_key": key} if key else {})})


def papers(ask: SourceGet, query: str, count: int) -> Iterator[Paper]:
    cursor = "*"
    for start in range(0, count, PAGE):
        asked = {"search": query, "per_page": min(PAGE, count - start), "cursor": cursor, "select": FIELDS}
        answer = json_of(ask("/works", asked))
        results = listed(answer, "results")
        yield from each(results, read)
        meta = answer.get("meta")
        cursor = line(meta.get("next_cursor"), 5000) if isinstance(meta, Mapping) else ""
        if not results or not cursor:
            return


def read(work: Any) -> Paper:
    best, primary = work.get("best_oa_location") or {}, work.get("primary_location") or {}
    venue, biblio, ids = primary.get("source") or {}, work.get("biblio") or {}, work.get("ids") or {}
    told, pdf = doi(work.get("doi")), web_address(best.get("pdf_url"))
    pages = "-".join(dict.fromkeys(filter(None, (whole(biblio.get(end)) for end in ("first_page", "last_page")))))
    repository = venue.get("type") == "repository"
    return Paper(
        title=line(work.get("title")),
        authors=authors([each.get("raw_author_name") or (each.get("author") or {}).get("display_name") for each in work.get("authorships") or []]),
        date=date(work.get("publication_date")) or date(work.get("publication_year")),
        venue="" if repository else line(venue.get("display_name")), publisher=line(venue.get("display_name")) if repository else "",
        abstract=_abstract(work.get("abstract_inverted_index")), kind=KINDS.get(work.get("type"), "document"),
        doi=told, arxiv=arxiv_of(told) or (arxiv_id(pdf) if "//arxiv.org/" in pdf else ""),
        pmid=line(ids.get("pmid")).rpartition("/")[2], pmcid=_pmcid(line(ids.get("pmcid"))),
        url=f"https://doi.org/{told}" if told else web_address(primary.get("landing_page_url")),
        volume=whole(biblio.get("volume")), issue=whole(biblio.get("issue")), pages=pages, licence=licence(best.get("license")),
        open=(work.get("open_access") or {}).get("is_oa") is True, pdfs=(Link(pdf, "openalex"),) if pdf else (), sources=("openalex",),
    )  # fmt: skip


def _abstract(index: object) -> str:
    """From its words with their places."""
    if not isinstance(index, Mapping):
        return ""
    places = {
        at: word
        for word, found in index.items()
        if isinstance(found, list)
        for at in found
        if isinstance(at, int) and 0 <= at < WORDS
    }
    return paragraphs(" ".join(line(places[at]) for at in sorted(places))[:ABSTRACT])


def _pmcid(told: str) -> str:
    digits = told.rpartition("/")[2].removeprefix("PMC")
    return f"PMC{digits}" if digits.isdigit() else ""
