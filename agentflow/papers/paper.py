"""A paper as the sources describe it, and as CSL-JSON, the form that citation processors and Zotero read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentflow.corpus.files.records import date_of
from agentflow.papers.values import arxiv_id, arxiv_of, doi, line, whole
from agentflow.toolbox.settings import SourceName


@dataclass(frozen=True, slots=True)
class Link:
    """Where a source says that a PDF is."""

    url: str
    source: SourceName


@dataclass(frozen=True, slots=True)
class Paper:
    """What is not known is empty. A paper without title is a record that could not be read.

    `authors`, `kind` are in the terms of CSL; `date` is ISO 8601 as far as it is told: `2021`, `2021-03`, `2021-03-05`.
    `doi` is in lower case without a resolver, `arxiv` without version. `open`: somebody says that the text may be read
    without paying. `sources` are those that found it.
    """

    title: str
    authors: tuple[Mapping[str, str], ...] = ()
    date: str = ""
    venue: str = ""
    abstract: str = ""
    kind: str = "article-journal"
    doi: str = ""
    arxiv: str = ""
    pmid: str = ""
    pmcid: str = ""
    url: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    licence: str = ""
    open: bool = False
    pdfs: tuple[Link, ...] = ()
    sources: tuple[SourceName, ...] = ()

    @property
    def year(self) -> str:
        return self.date[:4]

    @property
    def published(self) -> bool:
        """More than a preprint."""
        return bool(self.venue) and bool(self.doi) and not self.doi.startswith("10.48550/")


def of_csl(item: Mapping[str, Any]) -> Paper:
    """What of an item identifies its paper."""
    told, arxiv = doi(item.get("DOI")), line(item.get("number"))
    return Paper(
        title=line(item.get("title")),
        authors=tuple(each for each in item.get("author") or () if isinstance(each, Mapping)),
        date=date_of(item.get("issued")),
        venue=line(item.get("container-title")),
        doi=told,
        arxiv=arxiv_of(told) or (arxiv_id(arxiv) if arxiv.startswith("arXiv:") else ""),
        pmid=whole(item.get("PMID")),
    )


def csl(paper: Paper) -> dict[str, Any]:
    """One item of CSL-JSON."""
    item: dict[str, Any] = {
        "id": paper.doi or paper.arxiv or paper.pmid or paper.title,
        "type": paper.kind,
        "title": paper.title,
        "author": [dict(author) for author in paper.authors],
        "issued": {"date-parts": [[int(part) for part in paper.date.split("-")]]} if paper.date else {},
        "container-title": paper.venue,
        "publisher": paper.publisher,
        "volume": paper.volume,
        "issue": paper.issue,
        "page": paper.pages,
        "DOI": paper.doi,
        "PMID": paper.pmid,
        "PMCID": paper.pmcid,
        "number": f"arXiv:{paper.arxiv}" if paper.arxiv and not paper.published else "",
        "URL": paper.url,
        "abstract": paper.abstract,
    }
    return {name: value for name, value in item.items() if value}
