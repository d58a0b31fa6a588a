"""One page: from the project's copy while that is fresh, else from the network, with manners and under the policy."""

import asyncio
import calendar
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.corpus.origins import Origin, newest
from agentflow.errors import AgentflowError
from agentflow.project import Project
from agentflow.storage.database import open_database
from agentflow.toolbox.errors import ToolFailed
from agentflow.toolbox.network import Fetcher, Page
from agentflow.toolbox.policy import granted
from agentflow.toolbox.settings import Web, load_settings
from agentflow.web.archive import READ, keep
from agentflow.web.engines import SearchReply, configured, search
from agentflow.web.manners import Manners

INSTALL = "pip install 'agentflow[search]'"


class ReadPage(TypedDict):
    """`path` is the copy's, to be quoted and read like a document; `fetched` is false where an earlier copy stood."""

    url: str
    path: str
    title: str
    date: str
    retrieved: str
    sha256: str
    fetched: bool
    text: str


async def read(context: Context, url: str, words: int) -> ReadPage:
    """Raises ToolRefused for what the policy or a robots.txt forbids, ToolFailed for what is no page to read."""
    require()
    web = load_settings(context.project).web or Web()
    url = urldefrag(url)[0]
    known = newest(context.corpus, url)
    if known is not None and _age(known) < 3600 * web.fresh and context.corpus.file_of(known.path).is_file():
        return _read_page(context, known, words, fetched=False)
    page = await asyncio.to_thread(_fetch, context.project.database, granted().hosts, web, url)
    kept = await keep(context, page, url)
    if known is not None and known.path != kept.origin.path:
        context.note(f"{kept.origin.url} has changed since {known.retrieved[:10]}: both copies are kept")
    if page.cut:
        context.note(f"{page.url} is longer than {web.size:,} bytes: its beginning was read", "warning")
    return _read_page(context, kept.origin, words, fetched=True)


async def ask_engine(context: Context, query: str) -> tuple[Web, SearchReply]:
    """Raises AgentflowError where no engine is set up, ToolFailed when it refuses."""
    require()
    web = configured(load_settings(context.project).web)
    return web, await asyncio.to_thread(_search, context.project.database, web, query)


def ready(project: Project) -> None:
    """For a run that is to ask the web. Raises AgentflowError telling what is missing."""
    settings = load_settings(project)
    require()
    configured(settings.web)
    if not settings.network.hosts:
        raise AgentflowError(
            "tools.yaml allows no host, so no page could be read",
            'list them: `network: {hosts: ["*"]}` for every public one',
        )


def require() -> None:
    if missing := [name for name in ("trafilatura", "protego") if find_spec(name) is None]:
        raise ToolFailed(f"reading the web needs {' and '.join(missing)}", INSTALL)


def _fetch(database: Path, hosts: tuple[str, ...], web: Web, url: str) -> Page:
    with open_database(database) as own:  # another thread: a connection of its own
        manners = Manners(own, hosts, web.delay)
        page = Fetcher(hosts, size=web.size, before=manners.before).fetch(url)
        manners.heed(urlsplit(page.url).netloc, page)
    return page


def _search(database: Path, web: Web, query: str) -> SearchReply:
    """An interface has no robots.txt, but its turn is waited for."""
    with open_database(database) as own:
        manners = Manners(own, (), web.delay)
        return search(web, query, lambda url: manners.wait(urlsplit(url).netloc, web.delay))


def _read_page(context: Context, origin: Origin, words: int, *, fetched: bool) -> ReadPage:
    document = context.corpus.document(origin.path)
    text = " ".join(context.corpus.text(document.id).split(" ")[:words]) if words else ""
    return ReadPage(
        url=origin.url, path=origin.path, title=document.title, date=document.date, retrieved=origin.retrieved,
        sha256=origin.sha256, fetched=fetched, text=text,
    )  # fmt: skip


def _age(origin: Origin) -> float:
    """Seconds since it was fetched."""
    return time.time() - calendar.timegm(time.strptime(origin.retrieved, READ))
