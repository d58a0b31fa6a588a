"""One page of the web, kept as a copy in the project; off unless the project's tools.yaml lists its host."""

from typing import Annotated

from pydantic import Field

from agentflow.context import Context
from agentflow.web.reading import ReadPage, read

NETWORK = True


async def read_page(
    url: Annotated[str, Field(min_length=8, max_length=2000, description="https://host/path of an allowed host")],
    words: Annotated[int, Field(ge=0, le=5000, description="how much of its text to return")] = 2000,
    *,
    context: Context,
) -> ReadPage:
    """Fetch a web page or PDF, keep a copy that can be quoted, and return its main text."""
    return await read(context, url, words)
