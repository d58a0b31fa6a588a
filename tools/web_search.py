"""A search engine that the project's tools.yaml names; off without one."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.web.reading import ask_engine

NETWORK = True


class Result(TypedDict):
    title: str
    url: str
    snippet: str
    date: str


class Found(TypedDict):
    engine: str
    query: str
    results: list[Result]
    troubles: list[str]


async def web_search(
    query: Annotated[str, Field(min_length=1, max_length=400, description="words or a question; nothing else is sent")],
    *,
    context: Context,
) -> Found:
    """Search the web: titles, addresses and snippets. Read a result with read_page before relying on it."""
    web, answered = await ask_engine(context, query)
    results = [Result(title=hit.title, url=hit.url, snippet=hit.snippet, date=hit.date) for hit in answered.hits]
    return Found(engine=web.engine, query=query, results=results, troubles=answered.troubles)
