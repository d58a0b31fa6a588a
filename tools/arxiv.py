"""Papers of arXiv by its public API, off unless the project's tools.yaml lists export.arxiv.org."""

from typing import Annotated
from urllib.parse import urlencode
from xml.etree import ElementTree

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.toolbox import ToolFailed, granted
from agentflow.toolbox.network import Fetcher

NETWORK = True
ATOM = "{http://www.w3.org/2005/Atom}"


class Paper(TypedDict):
    id: str
    title: str
    authors: list[str]
    published: str
    summary: str


def arxiv(
    query: Annotated[str, Field(min_length=1, max_length=300, description="words of title, abstract or author")],
    limit: Annotated[int, Field(ge=1, le=20)] = 5,
) -> list[Paper]:
    """Search arXiv for papers: title, authors, date and abstract."""
    terms = " AND ".join(f"all:{word}" for word in query.split())
    asked = urlencode({"search_query": terms, "max_results": limit})
    page = Fetcher(granted().hosts).fetch(f"https://export.arxiv.org/api/query?{asked}")
    if page.status != 200:
        raise ToolFailed(f"arXiv answered {page.status}", "try later")
    return read_feed(page.body)


def read_feed(body: bytes) -> list[Paper]:
    """The entries of an Atom feed. A document type is refused before parsing: no entity can expand."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ToolFailed("the answer defines entities, which is not an arXiv feed", "try later")
    try:
        feed = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise ToolFailed(f"the answer is not a feed: {error}", "try later") from None
    return [
        Paper(
            id=_text(entry, "id").rsplit("/", 1)[-1], title=_text(entry, "title"),
            authors=[_text(author, "name") for author in entry.findall(f"{ATOM}author")],
            published=_text(entry, "published")[:10], summary=_text(entry, "summary"),
        )
        for entry in feed.findall(f"{ATOM}entry")
    ]  # fmt: skip


def _text(node: ElementTree.Element, name: str) -> str:
    return " ".join((node.findtext(f"{ATOM}{name}") or "").split())
