"""Papers of Semantic Scholar by its public API, off unless the project's tools.yaml lists api.semanticscholar.org."""

from agentflow.context import Context
from agentflow.papers.asked import FoundPaper, Limit, Query, search

NETWORK = True


async def semantic_scholar(query: Query, limit: Limit = 5, *, context: Context) -> list[FoundPaper]:
    """Search Semantic Scholar, an index of papers of all fields: title, authors, venue, DOI, open PDF and abstract."""
    return await search(context, "semantic_scholar", query, limit)
