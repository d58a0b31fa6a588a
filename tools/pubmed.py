"""Papers of PubMed by its public API, off unless the project's tools.yaml lists eutils.ncbi.nlm.nih.gov."""

from agentflow.context import Context
from agentflow.papers.asked import FoundPaper, Limit, Query, search

NETWORK = True


async def pubmed(query: Query, limit: Limit = 5, *, context: Context) -> list[FoundPaper]:
    """Search PubMed, papers of medicine and biology: title, authors, journal, DOI and abstract."""
    return await search(context, "pubmed", query, limit)
