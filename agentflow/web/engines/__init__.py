"""Search engines: one module each, with `URL`, `request` and `read`; what they share is here."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from agentflow.errors import AgentflowError
from agentflow.toolbox.errors import ToolFailed
from agentflow.toolbox.network import Fetcher, Page
from agentflow.toolbox.settings import Web

LONGEST = 400  # characters of a query: Brave's limit, and more than any question needs
SIZE = 2_000_000  # bytes of an answer
HELP = """in tools.yaml: `web: {url: "http://localhost:8888"}` for a SearXNG of yours, or `web: {engine: brave, key: BRAVE_API_KEY}`"""


@dataclass(frozen=True, slots=True)
class WebHit:
    """`date` is ISO 8601 or empty."""

    title: str
    url: str
    snippet: str
    date: str = ""


class SearchRequest(NamedTuple):
    """What is sent. `body` None is a GET."""

    url: str
    headers: dict[str, str]
    body: bytes | None = None


class SearchReply(NamedTuple):
    """`troubles` are what the engine says of its own sources: `google: CAPTCHA`."""

    hits: list[WebHit]
    troubles: list[str]


def configured(web: Web | None) -> Web:
    """Raises AgentflowError where the project names no search engine, or one without what it needs."""
    if web is None:
        raise AgentflowError("no search engine is set up", HELP)
    module = _module(web)
    if not (web.url or module.URL):
        raise AgentflowError("`web` in tools.yaml names no url", HELP)
    if module.KEY and not (web.key and os.environ.get(web.key)):
        named = f"the environment variable {web.key} is empty" if web.key else "`web` in tools.yaml names no key"
        raise AgentflowError(
            f"{web.engine} needs a key: {named}", "name the variable that holds it: `key: BRAVE_API_KEY`"
        )
    return web


def address(web: Web) -> str:
    return (web.url or _module(web).URL).rstrip("/")


def search(web: Web, query: str, before: Callable[[str], None]) -> SearchReply:
    """Sends the query, and nothing else of the person's. Raises ToolFailed with what the engine said when it refuses."""
    module, base = _module(web), address(web)
    asked: SearchRequest = module.request(
        base, " ".join(query.split())[:LONGEST], web.results, os.environ.get(web.key, "")
    )
    parts = urlsplit(asked.url)
    fetcher = Fetcher(
        (parts.hostname or "",), size=SIZE, origin=f"{parts.scheme}://{parts.netloc}" if web.url else "", before=before
    )
    page = fetcher.fetch(asked.url, headers=asked.headers, body=asked.body)
    data = _json(page, web)
    try:
        found: SearchReply = module.read(data)
    except (AttributeError, KeyError, TypeError) as error:
        raise ToolFailed(
            f"{web.engine} answered in another form than its interface has: {error}", "check the url"
        ) from None
    usable = [hit for hit in found.hits if urlsplit(hit.url).scheme in ("http", "https")]
    return SearchReply(usable[: web.results], found.troubles)


def _json(page: Page, web: Web) -> Any:
    said = " ".join(page.body[:300].decode("utf-8", "replace").split())
    if page.status == 429:
        later = f"after {page.headers['retry-after']}" if "retry-after" in page.headers else "later"
        raise ToolFailed(f"{web.engine} refuses: too many requests", f"try again {later}")
    if page.status != 200:
        hint = _module(web).HINTS.get(page.status, "check `web` in tools.yaml")
        raise ToolFailed(f"{web.engine} answered {page.status}: {said[:120]}", hint)
    try:
        return json.loads(page.body)
    except ValueError:
        raise ToolFailed(
            f"{web.engine} at {address(web)} answered no JSON: {said[:80]}", _module(web).HINTS[403]
        ) from None


def plain_text(value: object) -> str:
    """A snippet without the tags that mark the query's words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", str(value or ""))).split())


def day(value: object) -> str:
    """The day of an ISO time."""
    found = re.match(r"\d{4}-\d{2}-\d{2}", str(value or ""))
    return found[0] if found else ""


def _module(web: Web) -> Any:
    return import_module(f"agentflow.web.engines.{web.engine}")
