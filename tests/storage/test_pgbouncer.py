"""The stores behind PgBouncer, which gives each transaction another session."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agentflow.errors import AgentflowError, Overloaded
from agentflow.runs.queue import Terms, claim, put, recover
from agentflow.runs.store import RunStore
from agentflow.storage.postgres.bell import DEAF
from tests.postgres import NOBODY, Server

pytestmark = pytest.mark.postgres
PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
PORT = 6432


class PgBouncer:
    """Listens on a Unix socket of its own folder, with `size` sessions for all its clients."""

    def __init__(self, server: Server, mode: str, size: int) -> None:
        self.server = server
        self.folder = Path(tempfile.mkdtemp(prefix="agentflow-pgb-", dir="/tmp"))
        (self.folder / "ini").write_text(
            f"[databases]\n* = host={server.folder} user=postgres\n[pgbouncer]\nauth_type = any\nlisten_addr =\n"
            f"listen_port = {PORT}\nunix_socket_dir = {self.folder}\npool_mode = {mode}\n"
            f"default_pool_size = {size}\nmax_client_conn = 100\nlogfile = {self.folder}/log\n"
        )
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        self.start()

    def start(self) -> None:
        assert PROGRAM
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self.process = subprocess.Popen([PROGRAM, "--quiet", self.folder / "ini"], **user)  # type: ignore[call-overload]
        end = time.monotonic() + 60
        while not (self.folder / f".s.PGSQL.{PORT}").exists():
            assert time.monotonic() < end and self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        (self.folder / f".s.PGSQL.{PORT}").unlink()

    def url(self) -> str:
        return f"postgresql://postgres@/{self.server.database()}?host={self.folder}&port={PORT}"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)


@pytest.fixture(params=["transaction"])
def bouncer(request: pytest.FixtureRequest, postgres: Server) -> Iterator[PgBouncer]:
    if not PROGRAM:
        pytest.skip("no PgBouncer to be had: the Debian package pgbouncer is not installed")
    started = PgBouncer(postgres, request.param, 20 if request.param == "session" else 2)
    yield started
    started.stop()


def new(store: RunStore, id: str) -> str:
    return store.create("tiny", source="", sha256="", inputs={}, models={}, limits={}, id=id).id


@pytest.mark.parametrize("bouncer", ["transaction", "session"], indirect=True)
def test_many_stores_share_two_sessions_and_claim_each_run_once(bouncer: PgBouncer) -> None:
    url = bouncer.url()
    stores = [RunStore(url) for _ in range(4)]

    def enqueue(number: int) -> bool:
        try:
            return bool(put(stores[number % 4], new(stores[number % 4], f"r{number}"), Terms(most_waiting=20)))
        except Overloaded:
            return False

    def take(store: RunStore) -> list[str]:
        found = []
        while claimed := claim(store, likely=True):
            claimed.lease.beat()
            found.append(claimed.run.id)
        return found

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(enqueue, range(24))) == 20, "who counts the queue waits for each other"
        taken = [run for runs in pool.map(take, stores) for run in runs]
    assert len(taken) == len(set(taken)) == 20
    stores[0].database.execute("UPDATE runs SET beat = beat - 61 WHERE id = ?", [taken[0]])
    assert recover(stores[1]) == [taken[0]]
    for store in stores:
        store.close()


def test_nothing_of_ours_stays_in_a_session_that_others_share(bouncer: PgBouncer) -> None:
    import psycopg

    url = bouncer.url()
    store = RunStore(url)
    database = store.database
    for number in range(12):  # more often than psycopg needs to prepare a statement
        new(store, f"r{number}")
    left = (
        "SELECT current_setting('lock_timeout'), (SELECT count(*) FROM pg_prepared_statements),"
        " (SELECT count(*) FROM pg_listening_channels())"
    )
    listener = database.listen("somebody")
    assert listener.rung() and not listener.rung()
    with database.transaction():
        assert database.execute(left).fetchone() == ("30s", 0, 0)
    assert database.execute(left).fetchone() == ("30s", 0, 0)
    with psycopg.connect(url, autocommit=True) as other:
        assert other.execute(left).fetchone() == ("0", 0, 0)
    time.sleep(DEAF)
    assert listener.rung(), "who cannot be told looks by themselves"
    database.shrink()
    store.close()


def test_a_pooler_that_is_killed_loses_nothing_that_was_acknowledged(bouncer: PgBouncer) -> None:
    store = RunStore(bouncer.url())
    new(store, "first")
    bouncer.kill()
    with ThreadPoolExecutor() as pool:
        waits = pool.submit(new, store, "second")
        bouncer.start()
        assert waits.result(60) == "second", "a transaction waits until it can begin"
    assert [run.id for run in store.list()] == ["second", "first"]
    store.close()


@pytest.mark.parametrize("bouncer", ["statement"], indirect=True)
def test_a_pooler_that_allows_no_transaction_is_named(bouncer: PgBouncer) -> None:
    with pytest.raises(AgentflowError, match="lets no transaction have a connection to itself") as caught:
        RunStore(bouncer.url())
    assert "pool_mode = transaction" in caught.value.hint


def test_a_setting_that_the_pooler_refuses_is_named(bouncer: PgBouncer) -> None:
    with pytest.raises(AgentflowError, match="takes not all that the URL says.*options") as caught:
        RunStore(f"{bouncer.url()}&options=-clock_timeout%3D1s")
    assert "ALTER ROLE" in caught.value.hint
