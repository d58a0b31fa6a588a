"""One page of the web, off unless the project's tools.yaml lists its host."""

from typing import Annotated

from bs4 import BeautifulSoup
from pydantic import Field
from typing_extensions import TypedDict

from agentflow.toolbox import ToolFailed, granted
from agentflow.toolbox.network import Fetcher

NETWORK = True
TEXTUAL = ("text/", "application/json", "application/xml", "application/xhtml+xml", "application/atom+xml")


class Fetched(TypedDict):
    url: str
    title: str
    text: str


def fetch_url(
    url: Annotated[str, Field(min_length=8, max_length=2000, description="https://host/path of an allowed host")],
) -> Fetched:
    """Fetch a web page as text."""
    page = Fetcher(granted().hosts).fetch(url)
    if page.status != 200:
        raise ToolFailed(f"{page.url} answered {page.status}", "try another page")
    if not page.kind.startswith(TEXTUAL):
        raise ToolFailed(f"{page.url} is {page.kind}, not text", "fetch pages of text")
    text = page.body.decode("utf-8", "replace")
    if "html" not in page.kind:
        return Fetched(url=page.url, title="", text=text)
    soup = BeautifulSoup(text, "html.parser")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for hidden in soup(["script", "style", "noscript", "template", "head"]):
        hidden.decompose()
    return Fetched(url=page.url, title=title, text="\n".join(soup.stripped_strings))
