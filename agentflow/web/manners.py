"""How a host wants to be visited: its robots.txt (RFC 9309), a pause between requests, and its `Retry-After`.

Kept in the project's database, so that a second process and the next start keep to it as well.
"""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agentflow.storage.database import migrate, transaction
from agentflow.toolbox.errors import ToolFailed, ToolRefused
from agentflow.toolbox.network import Fetcher, Page

if TYPE_CHECKING:
    from sqlite_utils import Database

AGENT = "agentflow"
KEPT = 24 * 3600.0  # seconds that a robots.txt holds (RFC 9309, 2.4)
AGAIN = 600.0  # seconds after which one that could not be had is asked for again
SIZE = 512_000  # bytes of a robots.txt that are read (2.5)
PATIENCE = 30.0  # seconds that a page is waited for
NOTHING = "User-agent: *\nDisallow: /"


def m001_hosts(db: "Database") -> None:
    db.execute(
        "CREATE TABLE web_hosts (host TEXT PRIMARY KEY, robots TEXT NOT NULL DEFAULT '', read REAL NOT NULL DEFAULT 0,"
        " next REAL NOT NULL DEFAULT 0, until REAL NOT NULL DEFAULT 0)"
    )


class Manners:
    """`before` is a Fetcher's. `patience` is how many seconds a host's turn is waited for. `now` and `sleep` can be given,
    for tests."""

    def __init__(
        self, database: "Database", hosts: tuple[str, ...], delay: float,
        now: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep, patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self.database = database
        self.hosts = hosts
        self.delay = delay
        self.now = now
        self.sleep = sleep
        self.patience = patience
        migrate(database, "web", [m001_hosts])

    def before(self, url: str) -> None:
        """Waits for the host's turn. Raises ToolRefused for what its robots.txt forbids."""
        from protego import Protego

        parts = urlsplit(url)
        if parts.path == "/robots.txt":
            return
        rules = Protego.parse(self._robots(f"{parts.scheme}://{parts.netloc}"))
        if not rules.can_fetch(url, AGENT):
            raise ToolRefused(
                f"the robots.txt of {parts.netloc} does not allow {parts.path}", "read the page in a browser"
            )
        self.wait(parts.netloc, max(self.delay, rules.crawl_delay(AGENT) or 0.0))

    def wait(self, host: str, delay: float) -> None:
        """Takes the host's next turn and waits for it. Raises ToolFailed when that is too far off, or when the host has
        asked for quiet meanwhile."""
        with transaction(self.database):
            now = self.now()
            turn = max(now, *self._times(host))
            if turn - now > self.patience:
                raise _quiet(host, turn - now)
            self._set(host, next=turn + delay)
        if turn > now:
            self.sleep(turn - now)
            if (left := self._times(host)[1] - self.now()) > 0:
                raise _quiet(host, left)

    def heed(self, host: str, page: Page) -> None:
        """What a host says by `429` or `503` with `Retry-After` (RFC 9110, 10.2.3)."""
        told = page.headers.get("retry-after", "")
        if page.status not in (429, 503):
            return
        with transaction(self.database):
            self._set(host, until=self.now() + _seconds(told, self.now()))

    def _robots(self, site: str) -> str:
        """Its text; where it cannot be had, one that forbids all (2.3.1.4); where there is none, nothing."""
        host = urlsplit(site).netloc
        row = self.database.execute("SELECT robots, read FROM web_hosts WHERE host = ?", [host]).fetchone()
        if row and self.now() - row[1] < (AGAIN if row[0] == NOTHING else KEPT):
            return str(row[0])
        try:
            page = Fetcher(self.hosts, size=SIZE).fetch(f"{site}/robots.txt")
        except ToolRefused:
            raise
        except ToolFailed:
            text = NOTHING
        else:
            text = page.body.decode("utf-8", "replace") if page.status == 200 else NOTHING if page.status >= 500 else ""
        self._set(host, robots=text, read=self.now())
        return text

    def _times(self, host: str) -> tuple[float, float]:
        """The next free turn, and until when the host wants no request."""
        row = self.database.execute("SELECT next, until FROM web_hosts WHERE host = ?", [host]).fetchone()
        return (float(row[0]), float(row[1])) if row else (0.0, 0.0)

    def _set(self, host: str, **values: object) -> None:
        execute = self.database.conn.execute
        execute("INSERT OR IGNORE INTO web_hosts (host) VALUES (?)", [host])
        execute(
            f"UPDATE web_hosts SET {', '.join(f'{name} = ?' for name in values)} WHERE host = ?",
            [*values.values(), host],
        )


def _quiet(host: str, seconds: float) -> ToolFailed:
    return ToolFailed(f"{host} wants no request for {seconds:,.0f} s", "try again then")


def _seconds(told: str, now: float) -> float:
    """Of a Retry-After; a minute where it says nothing that can be read."""
    if told.isdigit():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - now)
    except ValueError:
        return 60.0
