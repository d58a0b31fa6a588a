"""What the tools of the scholarly sources have in common: what they are asked, and the form of what they return."""

import asyncio
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.papers.connection import connected
from agentflow.papers.find import LONGEST, find
from agentflow.papers.paper import Paper
from agentflow.toolbox.errors import ToolFailed
from agentflow.toolbox.policy import granted
from agentflow.toolbox.settings import SourceName, load_settings

PATIENCE = 30.0  # seconds that the source's turn is waited for
Query = Annotated[
    str, Field(min_length=1, max_length=LONGEST, description="words of title, abstract or author; nothing else is sent")
]
Limit = Annotated[int, Field(ge=1, le=50)]


class FoundPaper(TypedDict):
    """`pdf` is the address of an open full text, for read_page; what is not known is empty."""

    title: str
    authors: list[str]
    year: str
    venue: str
    doi: str
    url: str
    pdf: str
    licence: str
    abstract: str


async def search(context: Context, name: SourceName, query: str, limit: int) -> list[FoundPaper]:
    """Raises ToolFailed where the source does not answer or the policy lets nobody ask it."""
    hosts, settings = granted().hosts, load_settings(context.project).papers

    def ask() -> list[Paper]:
        with connected(context.project.database, hosts, settings, PATIENCE) as connection:
            papers, troubles = find(connection, [name], query, limit)
        if troubles and not papers:
            raise ToolFailed(f"{name}: {troubles[name]}")
        return papers

    return [_found_paper(paper) for paper in await asyncio.to_thread(ask)]


def _found_paper(paper: Paper) -> FoundPaper:
    names = [
        " ".join(filter(None, (each.get(part) for part in ("given", "family", "literal")))) for each in paper.authors
    ]
    return FoundPaper(
        title=paper.title, authors=names, year=paper.year, venue=paper.venue, doi=paper.doi, url=paper.url,
        pdf=paper.pdfs[0].url if paper.pdfs else "", licence=paper.licence, abstract=paper.abstract,
    )  # fmt: skip
