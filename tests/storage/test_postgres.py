"""Postgres behind the stores: connections that break at the worst moment, servers that die, passwords that stay secret."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agentflow.errors import AgentflowError, StoreFailed
from agentflow.project import Project
from agentflow.runs.queue import Terms, claim, put
from agentflow.runs.store import RunStore
from agentflow.storage.postgres.address import shown
from agentflow.storage.postgres.database import PostgresDatabase
from agentflow.storage.postgres.dialect import translated
from tests.postgres import Server
from tests.storage.wire import Wire

pytestmark = pytest.mark.postgres


@pytest.fixture
def wire(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="agentflow-wire-", dir="/tmp") as folder:
        wire = Wire(postgres, Path(folder))
        yield wire
        wire.listener.close()


def database_through(wire: Wire, postgres: Server) -> PostgresDatabase:
    database = PostgresDatabase(postgres.url().replace(str(postgres.folder), str(wire.folder)))
    database.execute("CREATE TABLE marks (text TEXT NOT NULL)")
    return database


def marks(database: PostgresDatabase) -> list[str]:
    return [text for (text,) in database.execute("SELECT text FROM marks ORDER BY rowid").fetchall()]


def mark(database: PostgresDatabase, text: str) -> None:
    with database.transaction():
        database.execute("INSERT INTO marks (text) VALUES (?)", [text])


def test_a_commit_whose_answer_was_lost_is_known_to_have_taken_effect(wire: Wire, postgres: Server) -> None:
    database = database_through(wire, postgres)
    mark(database, "first")
    wire.cut = "after"
    mark(database, "second")
    mark(database, "third")
    assert marks(database) == ["first", "second", "third"]
    database.close()


def test_a_commit_that_never_arrived_is_told_and_may_be_made_again(wire: Wire, postgres: Server) -> None:
    database = database_through(wire, postgres)
    mark(database, "first")
    wire.cut = "before"
    with pytest.raises(StoreFailed, match="cannot reach"):
        mark(database, "second")
    assert marks(database) == ["first"]
    mark(database, "second")
    assert marks(database) == ["first", "second"]
    database.close()


def test_events_whose_commit_got_no_answer_are_kept_once(wire: Wire, postgres: Server) -> None:
    from agentflow.events import Note
    from agentflow.runs.event_log import Feed, read
    from agentflow.runs.leases import acquire

    store = RunStore(postgres.url().replace(str(postgres.folder), str(wire.folder)))
    store.create("steps", source="", sha256="", inputs={}, models={}, limits={}, id="r")
    feed = Feed(acquire(store, "r"))
    for number, cut in enumerate(("", "after", "before", "")):
        feed.waiting.append(f'{{"kind": "Note", "text": "{number}"}}')
        wire.cut = cut
        try:
            feed.flush()
        except StoreFailed:
            assert cut == "before"
    feed.flush()
    assert [entry.event.text for entry in read(store, "r") if isinstance(entry.event, Note)] == ["0", "1", "2", "3"]
    store.close()


def test_a_server_that_is_killed_loses_nothing_that_was_acknowledged(own_server: Server) -> None:
    store = RunStore(own_server.url())
    runs = [store.create("tiny", source="", sha256="", inputs={}, models={}, limits={}).id for _ in range(3)]
    own_server.kill()
    with ThreadPoolExecutor() as pool:
        waits = pool.submit(lambda: [store.load(run).id for run in runs])
        own_server.start()
        assert waits.result(60) == runs, "a read waits until the server is back"
    with pytest.raises(StoreFailed), store.write():
        store.limit(runs[0], {"steps": 3})
        own_server.kill()
        own_server.start()
        store.limit(runs[1], {"steps": 3})
    assert [store.load(run).limits for run in runs] == [{}, {}, {}]
    store.limit(runs[2], {"steps": 4})
    assert store.load(runs[2]).limits == {"steps": 4}
    store.close()


def test_no_two_threads_claim_one_run(postgres: Server) -> None:
    url = postgres.url()
    stores = [RunStore(url) for _ in range(4)]
    with stores[0].write():
        for _ in range(40):
            run = stores[0].create("tiny", source="", sha256="", inputs={}, models={}, limits={})
            put(stores[0], run.id, Terms())

    def take(store: RunStore) -> list[str]:
        found = []
        while claimed := claim(store):
            found.append(claimed.run.id)
        return found

    with ThreadPoolExecutor(4) as pool:
        taken = [run for runs in pool.map(take, stores) for run in runs]
    assert len(taken) == len(set(taken)) == 40
    for store in stores:
        store.close()


def test_one_of_many_who_create_a_run_of_the_same_id_does(postgres: Server) -> None:
    store = RunStore(postgres.url())

    def create(_: int) -> bool:
        try:
            return bool(store.create("tiny", source="", sha256="", inputs={}, models={}, limits={}, id="same"))
        except AgentflowError as error:
            assert "already a run same" in error.message
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(24))) == 1
    store.close()


def test_a_full_queue_stays_full_however_many_ask_at_once(postgres: Server) -> None:
    url = postgres.url()
    stores = [RunStore(url) for _ in range(6)]
    for number in range(18):
        stores[0].create("tiny", source="", sha256="", inputs={}, models={}, limits={}, id=f"r{number}")

    def enqueue(number: int) -> bool:
        try:
            return bool(put(stores[number % 6], f"r{number}", Terms(most_waiting=5)))
        except AgentflowError:
            return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(enqueue, range(18))) == 5
    for store in stores:
        store.close()


def test_what_a_sweep_meets_in_the_middle_of_a_write_stays(postgres: Server) -> None:
    """A blob that nothing needs yet is needed by a checkpoint that is being written."""
    from agentflow.runs.blobs import sweep

    url = postgres.url()
    writer, other = RunStore(url), RunStore(url)
    with writer.write():
        writer.blobs.pack({"text": "long " * 1000})
    (name,) = writer.database.execute("SELECT sha256 FROM blobs").fetchone()

    def sweeping() -> int:
        with other.write():
            other.database.only_writer("blobs")
            rows = other.database.execute("SELECT text FROM needed").fetchall()
            return sweep(other.database, [text for (text,) in rows])

    writer.database.execute("CREATE TABLE needed (text TEXT)")
    with ThreadPoolExecutor(1) as pool, writer.write():
        text = writer.blobs.pack({"text": "long " * 1000})
        writer.blobs.flush()
        writer.database.execute("SELECT 1").fetchone()  # statements travel together: this one wants its answer
        swept = pool.submit(sweeping)
        time.sleep(0.1)
        writer.database.execute("INSERT INTO needed (text) VALUES (?)", [text])
        assert not swept.done()
    assert swept.result(30) == 0
    assert writer.database.execute("SELECT sha256 FROM blobs").fetchall() == [(name,)]
    writer.close()
    other.close()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "nothing was heard"
        time.sleep(0.01)


def test_whoever_listens_hears_what_was_committed_and_that_alone(
    own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentflow.storage.postgres.bell.SELDOM", 1e9)  # no look without a word
    url = own_server.url()
    here, there = PostgresDatabase(url), PostgresDatabase(url)
    queue, dropped = there.listen("queue"), there.listen("dropped")
    assert queue.rung() and dropped.rung(), "the first look is always worth while"

    def heard() -> bool:
        with here.transaction():
            here.tell("queue")
        return queue.rung()

    until(heard)
    with pytest.raises(ZeroDivisionError), here.transaction():
        here.tell("dropped")
        raise ZeroDivisionError
    until(heard)
    assert not dropped.rung()
    own_server.kill()
    own_server.start()
    until(heard)
    here.close()
    there.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s3cret@localhost:1/db",
        "postgresql://localhost:1/db?user=ann&password=s3cret",
        "postgresql://ann:s3cret@cret@localhost:1/db",
        "postgresql://ann:s3cret/cret@localhost:1/db",
        "postgresql://ann:s3cret?cret@localhost:1/db",
        "postgresql://ann:s3cret@localhost:1/db?cret=s3cret",
    ],
)
def test_a_password_is_in_no_message(url: str) -> None:
    with pytest.raises(AgentflowError) as caught:
        RunStore(url)
    said: list[str] = []
    error: BaseException | None = caught.value
    while error:
        said.append(f"{error} {getattr(error, 'hint', '')}")
        error = error.__cause__
    assert "cret" not in " ".join(said).replace("secret", "")


def test_a_password_in_the_projects_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.yaml").write_text("url: postgresql://ann:s3cret@localhost/db\n")
    with pytest.raises(AgentflowError, match=r"store.yaml:1:6: there is a password in the URL"):
        _ = Project(tmp_path).store
    (tmp_path / "store.yaml").write_text("url: postgresql://ann@localhost/db\n")
    assert Project(tmp_path).store == "postgresql://ann@localhost/db"
    assert Project(tmp_path).with_state(tmp_path / "apart").store == tmp_path / "apart" / "agentflow.db"


def test_what_is_shown_of_a_url() -> None:
    assert shown("postgresql://ann:x@db.example:5433/runs?sslmode=require") == "postgresql://ann@db.example:5433/runs"
    assert shown("postgresql://ann@/runs?host=/tmp") == "postgresql://ann@/runs?host=/tmp"


def test_statements_are_said_as_postgres_takes_them() -> None:
    assert translated("SELECT '50% ?' FROM t WHERE a = ? AND b = :b AND c LIKE '%'") == (
        "SELECT '50%% ?' FROM t WHERE a = %s AND b = %(b)s AND c LIKE '%%'"
    )
    assert translated("CREATE TABLE t (a INTEGER, b REAL, c BLOB)") == (
        "CREATE TABLE t (a BIGINT, b DOUBLE PRECISION, c BYTEA, rowid BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE)"
    )


def test_a_database_that_would_lose_what_it_acknowledged_is_refused(postgres: Server) -> None:
    url = postgres.url()
    with pytest.raises(AgentflowError, match="synchronous_commit is off"):
        PostgresDatabase(f"{url}&options=-csynchronous_commit%3Doff")


def test_statements_of_a_transaction_travel_together(wire: Wire, postgres: Server) -> None:
    database = database_through(wire, postgres)
    mark(database, "first")
    before = wire.asked
    with database.transaction():
        database.execute("INSERT INTO marks (text) VALUES (?)", ["second"])
        found = database.execute("UPDATE marks SET text = text || '!'")
        database.executemany("INSERT INTO marks (text) VALUES (?)", [["third"], ["fourth"]])
        assert wire.asked == before, "nobody has asked for anything yet"
        assert found.rowcount == 2
        assert wire.asked == before + 1
        database.execute("DELETE FROM marks WHERE text = ?", ["fourth"])
        database.tell("somebody")
    assert wire.asked == before + 2
    assert marks(database) == ["first!", "second!", "third"]
    database.close()


def test_what_fails_among_statements_that_travel_together_is_told_by_its_own_name(wire: Wire, postgres: Server) -> None:
    import psycopg

    database = database_through(wire, postgres)
    database.execute("CREATE UNIQUE INDEX once ON marks (text)")
    mark(database, "first")
    with pytest.raises(psycopg.errors.UniqueViolation), database.transaction():  # before the first answer
        mark(database, "first")
        mark(database, "second")
        database.execute("SELECT 1").fetchone()
    with pytest.raises(psycopg.errors.UniqueViolation), database.transaction():  # with the commit
        assert database.execute("SELECT count(*) FROM marks").fetchone() == (1,)
        mark(database, "third")
        mark(database, "first")
        database.execute("SELECT 1")
    assert marks(database) == ["first"] and not database.in_transaction
    database.close()


@pytest.mark.slow
def test_whoever_is_stopped_while_they_write_holds_up_others_for_seconds_only(postgres: Server) -> None:
    url = postgres.url()
    database = PostgresDatabase(url)
    database.execute("CREATE TABLE marks (text TEXT NOT NULL)")
    mark(database, "")
    write = (
        "import sys; from agentflow.storage.postgres.database import PostgresDatabase\n"
        "database = PostgresDatabase(sys.argv[1])\n"
        "while True:\n"
        "    with database.transaction():\n"
        "        database.execute('SELECT text FROM marks FOR UPDATE').fetchone()\n"
        "        database.execute('UPDATE marks SET text = ?', ['x' * 9])\n"
    )
    for _ in range(20):
        writer = subprocess.Popen([sys.executable, "-c", write, url])
        until(lambda: marks(database) != [""])
        time.sleep(random.random() / 10)
        writer.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        database.execute("UPDATE marks SET text = ''")
        assert time.monotonic() - started < 20, "5 s, and what a busy machine adds"
        writer.kill()
        writer.wait()
    database.close()


def test_text_with_a_nul_is_kept_without_it(postgres: Server) -> None:
    store = RunStore(postgres.url())
    store.create("tiny", source="", sha256="", inputs={"a": "\0"}, models={}, limits={}, id="r")
    from agentflow.status import RunStatus

    store.settle("r", RunStatus.FAILED, message="broken \0 byte")
    run = store.load("r")
    assert (run.inputs, run.message) == ({"a": "\0"}, "broken \ufffd byte")
    store.close()
