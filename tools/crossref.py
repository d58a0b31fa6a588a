"""Papers of Crossref by its public API, off unless the project's tools.yaml lists api.crossref.org."""

from agentflow.context import Context
from agentflow.papers.asked import FoundPaper, Limit, Query, search

NETWORK = True


async def crossref(query: Query, limit: Limit = 5, *, context: Context) -> list[FoundPaper]:
    """Search Crossref, the registry of DOIs: title, authors, venue, DOI and licence of published papers."""
    return await search(context, "crossref", query, limit)
