"""Papers of OpenAlex by its public API, off unless the project's tools.yaml lists api.openalex.org."""

from agentflow.context import Context
from agentflow.papers.asked import FoundPaper, Limit, Query, search

NETWORK = True


async def openalex(query: Query, limit: Limit = 5, *, context: Context) -> list[FoundPaper]:
    """Search OpenAlex, an index of papers of all fields: title, authors, venue, DOI, open PDF and abstract."""
    return await search(context, "openalex", query, limit)
