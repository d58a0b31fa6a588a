"""arXiv: https://info.arxiv.org/help/api/user-manual.html. No key; one request in three seconds."""

import re
from collections.abc import Iterator
from typing import Any

from agentflow.papers.paper import Link, Paper
from agentflow.papers.sources import Identity, SourceGet, each, xml_of
from agentflow.papers.values import arxiv_id, authors, date, doi, line, paragraphs, web_address
from agentflow.text.words import STOP
from agentflow.toolbox.errors import ToolFailed

URL = "https://export.arxiv.org"
HOSTS = ("export.arxiv.org", "arxiv.org")
PAUSE = 3.0
PAGE = 100
ATOM = {"atom": "http://www.w3.org/2005/Atom", "arxiv": "http://arxiv.org/schemas/atom"}


def identity(mailto: str, key: str) -> Identity:
    return Identity()


def papers(ask: SourceGet, query: str, count: int) -> Iterator[Paper]:
    """All words that carry meaning must be there, in any field."""
    words = re.findall(r"[\w.-]+", query)
    terms = " AND ".join(f"all:{word}" for word in [word for word in words if word.lower() not in STOP] or words)
    for start in range(0, count, PAGE):
        asked = {"search_query": terms, "start": start, "max_results": min(PAGE, count - start)}
        entries = xml_of(ask("/api/query", asked)).findall("atom:entry", ATOM)
        if entries and "/api/errors" in _text(entries[0], "atom:id"):
            raise ToolFailed(f"it answered: {line(_text(entries[0], 'atom:summary'))}", "ask in other words")
        yield from each(entries, read)
        if not entries:
            return


def read(entry: Any) -> Paper:
    """Its own DOI stands for a paper that a journal has not given one. The address of its PDF names a version."""
    id = arxiv_id(_text(entry, "atom:id").partition("/abs/")[2])
    if not id:
        return Paper("")
    links = [link.get("href") for link in entry.findall("atom:link", ATOM) if link.get("title") == "pdf"]
    pdf = web_address((links or [""])[0].replace("http://arxiv.org/", "https://arxiv.org/"))
    harvested = pdf.replace("https://arxiv.org/", f"{URL}/")  # set aside for programs
    return Paper(
        title=line(_text(entry, "atom:title")), authors=authors([_text(each, "atom:name") for each in entry.findall("atom:author", ATOM)]),
        date=date(_text(entry, "atom:published")), abstract=paragraphs(_text(entry, "atom:summary")), kind="article",
        doi=doi(_text(entry, "arxiv:doi")) or f"10.48550/arxiv.{id}", arxiv=id, url=f"https://arxiv.org/abs/{id}", publisher="arXiv",
        open=True, pdfs=tuple(Link(each, "arxiv") for each in dict.fromkeys((harvested, pdf)) if each), sources=("arxiv",),
    )  # fmt: skip


def _text(node: Any, name: str) -> str:
    return node.findtext(name, "", ATOM) or ""
