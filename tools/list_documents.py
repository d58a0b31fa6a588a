"""What the run may read."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.text.words import coverage


class Listed(TypedDict):
    document: str
    title: str
    date: str


def list_documents(
    about: Annotated[str, Field(max_length=200, description="words of the title or path; empty lists all")] = "",
    limit: Annotated[int, Field(ge=1, le=500)] = 50,
    *,
    context: Context,
) -> list[Listed]:
    """List the documents of the run with title and date, those whose title or path fits `about` best first."""
    readable = context.corpus.readable_documents(context.searcher.scope)
    if about:
        score = {document.id: coverage(about, f"{document.title} {document.path}") for document in readable}
        readable = sorted((d for d in readable if score[d.id] > 0), key=lambda d: -score[d.id])
    return [Listed(document=d.path, title=d.title, date=d.date) for d in readable[:limit]]
