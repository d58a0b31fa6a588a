"""Requests to scholarly sources and for their PDFs: under the tool policy, in turn, and again where a source asks for it."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from os import environ
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from agentflow.errors import AgentflowError
from agentflow.papers.paper import Link
from agentflow.papers.sources import Identity, SourceGet, adapter
from agentflow.papers.values import line
from agentflow.storage.database import open_database
from agentflow.toolbox.errors import ToolFailed
from agentflow.toolbox.network import Fetcher, Page
from agentflow.toolbox.settings import Papers, PaperSource, SourceName
from agentflow.version import __version__
from agentflow.web.manners import Manners

ANSWER = 10_000_000  # bytes of a source's answer
TRIES = 3
AGAIN = (429, 500, 502, 503, 504)
SECONDS = 120.0  # for one PDF
HINTS = {400: "ask in other words", 401: "check its `key`", 403: "check its `key`", 404: "check its `url`",
         429: "set its `key` in tools.yaml, or try later"}  # fmt: skip


@contextmanager
def connected(
    database: Path,
    hosts: tuple[str, ...],
    settings: Papers,
    patience: float,
    sleep: Callable[[float], None] = time.sleep,
) -> "Iterator[SourceConnection]":
    """`database` is the project's; `patience` how many seconds a host's turn is waited for, by `sleep`."""
    with open_database(database) as own:
        yield SourceConnection(hosts, settings, Manners(own, hosts, settings.delay, sleep=sleep, patience=patience))


class SourceConnection:
    """`hosts` are those that the policy allows; beside them only an address that the person set for a source is asked."""

    def __init__(self, hosts: tuple[str, ...], settings: Papers, manners: Manners) -> None:
        self.hosts = hosts
        self.settings = settings
        self.manners = manners

    def address(self, name: SourceName) -> str:
        return str(self._source(name).url or adapter(name).URL).rstrip("/")

    def ask(self, name: SourceName) -> SourceGet:
        """Raises AgentflowError for a key that is named and not there."""
        source, module = self._source(name), adapter(name)
        key = environ.get(source.key, "").strip() if source.key else ""
        if source.key and not (key.isascii() and key.isprintable() and key):
            raise AgentflowError(f"{name}: the environment variable {source.key} holds no key", "set it, or drop `key`")
        who: Identity = module.identity(self.settings.mailto, key)
        pause = module.PAUSE if source.delay is None else source.delay
        headers = {**self._agent(), **who.headers}

        def ask(path: str, parameters: Mapping[str, object]) -> bytes:
            url = f"{self.address(name)}{path}?{urlencode({**parameters, **who.parameters})}"
            fetcher = Fetcher(self.hosts, size=ANSWER, origin=self._own(name), before=partial(self._turn, pause))
            page = self._patiently(lambda: fetcher.fetch(url, headers=headers))
            if page.status != 200:
                said = line(page.body[:300].decode("utf-8", "replace"), 120)
                raise ToolFailed(f"it answered {page.status}: {said}", HINTS.get(page.status, "try later"))
            if page.cut:
                raise ToolFailed(f"its answer is longer than {ANSWER:,} bytes", "ask for fewer with --max")
            return page.body

        return ask

    def pdf(self, link: Link) -> Page:
        """What is there, which need not be a PDF. Raises ToolRefused and ToolFailed."""
        own = self._own(link.source)
        within = bool(own) and link.url.startswith(f"{own}/")
        before = partial(self._turn, self.settings.delay) if within else self.manners.before
        fetcher = Fetcher(self.hosts, self.settings.size, SECONDS, origin=own if within else "", before=before)
        return self._patiently(lambda: fetcher.fetch(link.url, headers=self._agent()))

    def _patiently(self, fetch: Callable[[], Page]) -> Page:
        """Again after `Retry-After`, or a minute, where a host asks for a pause; at once, in turn, where it stumbled."""
        for _ in range(TRIES):
            page = fetch()
            if page.status not in AGAIN:
                break
            self.manners.heed(urlsplit(page.url).netloc, page)
        return page

    def _turn(self, pause: float, url: str) -> None:
        """An interface has no robots.txt, but its turn is waited for."""
        self.manners.wait(urlsplit(url).netloc, pause)

    def _own(self, name: SourceName) -> str:
        """The origin of an address that the person set."""
        parts = urlsplit(self._source(name).url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    def _source(self, name: SourceName) -> PaperSource:
        return self.settings.sources.get(name) or PaperSource()

    def _agent(self) -> dict[str, str]:
        mailto = f" (mailto:{self.settings.mailto})" if self.settings.mailto else ""
        return {"User-Agent": f"agentflow/{__version__}{mailto}"}
