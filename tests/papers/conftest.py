"""The made sources, and a connection to them on a clock that does not wait."""

from collections.abc import Iterator
from typing import Any

import pytest

from agentflow.papers.connection import SourceConnection
from agentflow.storage.database import open_database
from agentflow.toolbox.settings import Papers
from agentflow.web.manners import Manners
from tests.cli.conftest import run  # noqa: F401
from tests.papers.served import Served, Serving
from tests.web.clock import Clock
from tests.web.led_here import lead_here

SOURCES = ("arxiv", "crossref", "openalex", "semantic_scholar", "pubmed", "pmc")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with Serving() as made:
        lead_here(monkeypatch, made)
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


def settings(served: Served, **changes: Any) -> Papers:
    """Every source at a name of its own: `arxiv.test`, `semantic-scholar.test`."""
    sources = {name: {"url": served.base(f"{name.replace('_', '-')}.test")} for name in SOURCES}
    return Papers.model_validate({"mailto": "me@example.org", "sources": sources, **changes}, strict=False)


@pytest.fixture
def connection(served: Served, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceConnection]:
    with open_database(tmp_path_factory.mktemp("state") / "agentflow.db") as database:
        manners = Manners(database, ("files.test",), 3.0, clock.now, clock.sleep, patience=90.0)
        yield SourceConnection(("files.test",), settings(served), manners)
