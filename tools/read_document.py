"""Lines of one document of the corpus, as its reader extracted them: never the file system."""

from typing import Annotated

from pydantic import Field

from agentflow.context import Context
from agentflow.toolbox import ToolFailed


def read_document(
    document: Annotated[str, Field(min_length=1, max_length=500, description="path or file name, as listed or found")],
    start: Annotated[int, Field(ge=1, description="first line")] = 1,
    end: Annotated[int, Field(ge=1, description="last line; at most 200 lines are returned")] = 60,
    *,
    context: Context,
) -> str:
    """Read the lines `start` to `end` of a document of the corpus."""
    found = context.corpus.document(document)
    if found.id < 0:
        raise ToolFailed(f"{found.path} lies at a site, which sends passages alone", "search for what you need of it")
    lines = context.corpus.text(found.id).split("\n")
    if start > len(lines):
        raise ToolFailed(f"{found.path} has {len(lines)} lines, not {start}", "ask for earlier lines")
    return "\n".join(lines[start - 1 : min(end, start + 199)])
