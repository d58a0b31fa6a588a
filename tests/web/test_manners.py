"""Robots, pauses and Retry-After, on a clock that the test moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from agentflow.storage.database import open_database
from agentflow.toolbox import ToolFailed, ToolRefused
from agentflow.toolbox.network import Page
from agentflow.web.manners import NOTHING, Manners
from tests.web.clock import Clock


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "agentflow.db") as opened:
        yield opened


def manners(database: Database, clock: Clock, robots: str = "") -> Manners:
    polite = Manners(database, ("*",), 2.0, clock.now, clock.sleep)
    polite._set("example.org", robots=robots, read=clock.time)
    return polite


def test_requests_to_one_host_are_apart_also_from_another_process(database: Database) -> None:
    clock = Clock()
    for _ in range(3):
        manners(database, clock).before("https://example.org/a")
    manners(database, clock).wait("other.org", 2.0)
    assert clock.slept == [2.0, 2.0]


def test_a_longer_pause_of_the_robots_txt_counts(database: Database) -> None:
    clock = Clock()
    polite = manners(database, clock, "User-agent: *\nCrawl-delay: 7\n")
    polite.before("https://example.org/a")
    polite.before("https://example.org/b")
    assert clock.slept == [7.0]


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /private/*.html$", "/private/a.html", False),
        ("User-agent: *\nDisallow: /private/*.html$", "/private/a.html?x", True),
        ("User-agent: *\nDisallow: /\nAllow: /open", "/open/a", True),
        ("User-agent: agentflow\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: Googlebot\nDisallow: /", "/a", True),
        (NOTHING, "/a", False),
    ],
)
def test_robots(database: Database, robots: str, path: str, allowed: bool) -> None:
    polite = manners(database, Clock(), robots)
    if allowed:
        polite.before(f"https://example.org{path}")
    else:
        with pytest.raises(ToolRefused, match=r"robots\.txt"):
            polite.before(f"https://example.org{path}")


@pytest.mark.parametrize("told", ["120", "Mon, 12 Jan 1970 13:48:40 GMT", "nonsense"])
def test_a_host_that_wants_no_request_gets_none(database: Database, told: str) -> None:
    clock = Clock()
    polite = manners(database, clock)
    polite.heed("example.org", Page("https://example.org/", 429, "text/plain", b"", False, {"retry-after": told}))
    with pytest.raises(ToolFailed, match="wants no request for"):
        manners(database, clock).before("https://example.org/")
    clock.time += 130
    manners(database, clock).before("https://example.org/")


def test_one_that_waits_for_its_turn_gives_up_when_the_host_asks_for_quiet(database: Database) -> None:
    clock = Clock()
    polite = manners(database, clock)
    polite.before("https://example.org/a")

    def answer_meanwhile(seconds: float) -> None:
        clock.time += seconds
        polite.heed("example.org", Page("https://example.org/a", 503, "text/plain", b"", False, {"retry-after": "600"}))

    with pytest.raises(ToolFailed, match="wants no request for 600 s"):
        Manners(database, ("*",), 2.0, clock.now, answer_meanwhile).before("https://example.org/b")
