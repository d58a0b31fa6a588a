"""Search in the project's documents, for agents and workflows."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.events import Searched


class Hit(TypedDict):
    document: str
    line: int
    source: str
    text: str


async def search_corpus(
    query: Annotated[str, Field(min_length=1, max_length=500, description="words or a question to search for")],
    k: Annotated[int, Field(ge=1, le=20, description="passages to return")] = 4,
    *,
    context: Context,
) -> list[Hit]:
    """Search the documents and return the passages that match best, with document and line."""
    passages = await context.searcher.search(query, k=k)
    context.emit(Searched(query=query, passages=len(passages)))
    return [
        Hit(document=passage.path, line=passage.place.line, source=passage.source, text=passage.text)
        for passage in passages
    ]
