"""Papers of arXiv by its public API, off unless the project's tools.yaml lists export.arxiv.org."""

from agentflow.context import Context
from agentflow.papers.asked import FoundPaper, Limit, Query, search

NETWORK = True


async def arxiv(query: Query, limit: Limit = 5, *, context: Context) -> list[FoundPaper]:
    """Search arXiv, preprints of physics, mathematics, computer science: title, authors, PDF and abstract."""
    return await search(context, "arxiv", query, limit)
