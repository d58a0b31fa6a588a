"""Papers to files: the first open PDF that is one, else the abstract, else the reason. What is there is not fetched again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from agentflow.errors import AgentflowError
from agentflow.papers.connection import SourceConnection
from agentflow.papers.paper import Link, Paper
from agentflow.papers.shelf import Shelf
from agentflow.papers.sources import pmc
from agentflow.toolbox.errors import ToolFailed, ToolRefused
from agentflow.toolbox.network import Page
from agentflow.web.blocked import trouble

State = Literal["pdf", "here", "abstract", "nothing"]
UNKNOWN = "no open full text is known"


@dataclass(frozen=True, slots=True)
class FetchedPaper:
    """`here`: its PDF was there before. `path` is None for `nothing`; `reason` says why there is no PDF."""

    paper: Paper
    state: State
    path: Path | None
    reason: str = ""


def require() -> None:
    """Raises AgentflowError without what is needed to fetch PDFs."""
    if find_spec("protego") is None:
        raise AgentflowError("fetching papers needs protego, which reads robots.txt", "pip install 'agentflow[search]'")


def keep(connection: SourceConnection, shelf: Shelf, paper: Paper) -> FetchedPaper:
    entry = shelf.find(paper)
    if entry and entry.full:
        return FetchedPaper(paper, "here", entry.path)
    reasons: list[str] = []
    for link, told in _links(connection, paper, reasons):
        try:
            body = pdf_of(connection.pdf(link), connection.settings.size)
        except (ToolFailed, ToolRefused) as error:
            reasons.append(error.message)
        else:
            return FetchedPaper(told, "pdf", shelf.keep_pdf(told, body, link))
    reason = "; ".join(dict.fromkeys(reasons)) or UNKNOWN
    if entry:
        return FetchedPaper(paper, "abstract", entry.path, reason)
    if paper.abstract:
        return FetchedPaper(paper, "abstract", shelf.keep_abstract(paper, reason), reason)
    return FetchedPaper(paper, "nothing", None, f"{reason}, and no abstract")


def _links(connection: SourceConnection, paper: Paper, reasons: list[str]) -> Iterator[tuple[Link, Paper]]:
    """PubMed Central first: it is meant for programs. The licence of its copy counts where no other is known."""
    if paper.pmcid:
        try:
            link, licence = pmc.full_text(connection.ask("pmc"), connection.address("pmc"), paper.pmcid)
        except (ToolFailed, ToolRefused) as error:
            reasons.append(f"PubMed Central: {error.message}")
        else:
            paper = replace(paper, licence=paper.licence or licence)
            if link:
                yield link, paper
    yield from ((link, paper) for link in paper.pdfs)


def pdf_of(page: Page, largest: int) -> bytes:
    """Its bytes. Raises ToolFailed for what is no whole PDF."""
    if page.status != 200:
        raise ToolFailed(f"{page.url} {trouble(page, 0)}", "try later")
    if page.cut:
        raise ToolFailed(f"{page.url} is longer than {largest:,} bytes", "raise `size` under `papers:` in tools.yaml")
    if b"%PDF-" not in page.body[:1024]:
        told = trouble(page, 1) if "html" in page.kind else ""
        raise ToolFailed(f"{page.url} {told or f'is {page.kind}, not a PDF'}", "open it in a browser")
    told_length = page.headers.get("content-length", "")
    if told_length.isdigit() and int(told_length) != len(page.body):
        raise ToolFailed(f"{page.url} ended after {len(page.body):,} of {int(told_length):,} bytes", "try again")
    return page.body
