"""Search in the project's documents, for agents and workflows."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.corpus.filter import Filter
from agentflow.events import Searched


class Hit(TypedDict):
    document: str
    line: int
    source: str
    text: str


async def search_corpus(
    query: Annotated[str, Field(min_length=1, max_length=500, description="words or a question to search for")],
    k: Annotated[int, Field(ge=1, le=20, description="passages to return")] = 4,
    paths: Annotated[list[str] | None, Field(description="only documents whose path fits one: notes/*.md")] = None,
    types: Annotated[list[str] | None, Field(description="only these types: pdf, docx, md")] = None,
    since: Annotated[str, Field(description="only documents of this day (month, year) and later")] = "",
    until: Annotated[str, Field(description="only documents up to this day (month, year)")] = "",
    tags: Annotated[list[str] | None, Field(description="only documents with one of these tags")] = None,
    authors: Annotated[list[str] | None, Field(description="only documents by one of these")] = None,
    collections: Annotated[list[str] | None, Field(description="only documents of these collections")] = None,
    *,
    context: Context,
) -> list[Hit]:
    """Search the documents and return the passages that match best, with document and line."""
    given = {
        "paths": paths,
        "types": types,
        "since": since,
        "until": until,
        "tags": tags,
        "authors": authors,
        "collections": collections,
    }
    passages = await context.searcher.search(query, k=k, where=Filter.wanted(given))
    context.emit(Searched(query=query, passages=len(passages)))
    return [
        Hit(document=passage.path, line=passage.place.line, source=passage.source, text=passage.text)
        for passage in passages
    ]
