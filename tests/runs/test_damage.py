"""R8: damaged databases. A run that goes on after damage gives the same result, or the damage is named; never another
result, and never silently a new run."""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.project import Project, unmount
from agentflow.runs.errors import Damaged
from agentflow.runs.store import RunStore
from agentflow.runs.verify import head_of, verify
from agentflow.testing import ScriptedModels
from tests.runs.conftest import echo, write_project

RUN = "halfway"
BLOBS = (
    ("checkpoints", "checkpoint"),
    ("writes", "value"),
    ("calls", "result"),
    ("calls", "request"),
    ("blobs", "data"),
)


async def halfway(root: Path) -> None:
    """A run that stopped before its last step."""

    def reply(request: object) -> str:
        if "sum up" in str(request):
            raise MemoryError
        return echo(request)  # type: ignore[arg-type]

    async with Engine(Project(root), pool=ScriptedModels(reply)) as engine:
        assert (await engine.run("steps", {"topic": "rivers " * 200}, run_id=RUN)).status == "paused"


async def go_on(root: Path) -> str:
    """The run's answer after a resume, or the name of the error that said what is wrong."""
    try:
        async with Engine(Project(root), pool=ScriptedModels(echo)) as engine:
            outcome = await engine.resume(RUN)
            return f"{outcome.status} {outcome.output} {outcome.message}"
    except (AgentflowError, sqlite3.DatabaseError) as error:
        return f"named: {error}"


class Copies:
    """A stopped run, and what becomes of damaged copies of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.source = root / "source"
        self.source.mkdir(parents=True)
        write_project(self.source)
        asyncio.run(halfway(self.source))
        self.expected = self.after(lambda path: None)

    def after(self, damage: Callable[[Path], None]) -> str:
        copy = self.root / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.source, copy)
        damage(copy / ".agentflow" / "agentflow.db")
        try:
            return asyncio.run(go_on(copy))
        finally:
            unmount()


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    yield Copies(tmp_path_factory.mktemp("damage"))


def flip_in_a_blob(dice: random.Random) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            table, column = dice.choice(BLOBS)
            rows = database.execute(f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
            rowid, data = dice.choice(rows)
            broken = bytearray(data)
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
            database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", [bytes(broken), rowid])

    return damage


def flip_in_the_file(dice: random.Random) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        broken = bytearray(path.read_bytes())
        place = dice.randrange(len(broken))
        broken[place] ^= dice.randrange(1, 256)
        path.write_bytes(broken)

    return damage


def judge(copies: Copies, damages: list[Callable[[Path], None]]) -> dict[str, int]:
    """How many damaged copies gave the same result, a named error, or, silently, another result."""
    found = {"same": 0, "named": 0, "silent": 0}
    for damage in damages:
        after = copies.after(damage)
        kind = "same" if after == copies.expected else "named" if after.startswith("named") else "silent"
        found[kind] += 1
        if kind == "silent":
            print(after[:300])
    return found


def test_a_few_damaged_files_are_never_silently_different(copies: Copies) -> None:
    dice = random.Random(8)
    assert copies.expected.startswith("answered")
    blobs = judge(copies, [flip_in_a_blob(dice) for _ in range(8)])
    assert blobs["silent"] == 0 and blobs["named"] >= 6
    assert judge(copies, [flip_in_the_file(dice) for _ in range(8)])["silent"] == 0


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_six_hundred_damaged_files_are_never_silently_different(copies: Copies) -> None:
    dice = random.Random(600)
    blobs = judge(copies, [flip_in_a_blob(dice) for _ in range(300)])
    files = judge(copies, [flip_in_the_file(dice) for _ in range(300)])
    print(f"\n300 bit flips in blobs: {blobs}; 300 byte flips in the file: {files}")
    assert blobs["silent"] == files["silent"] == 0


@pytest.mark.parametrize("size", [0, 1, 100, 4096, None], ids=["nothing", "one byte", "header", "one page", "half"])
def test_a_cut_off_file_is_named(copies: Copies, size: int | None) -> None:
    def cut(path: Path) -> None:
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2 if size is None else size])

    assert copies.after(cut).startswith("named")


def test_a_missing_log_is_no_other_result(copies: Copies) -> None:
    def drop(path: Path) -> None:
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)

    after = copies.after(drop)
    assert after == copies.expected or after.startswith("named")


def test_missing_checkpoints_are_never_a_new_run(copies: Copies) -> None:
    def lose(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("DELETE FROM checkpoints")

    assert "checkpoints by the run store, 0 found" in copies.after(lose)


def test_a_lost_call_is_named(copies: Copies) -> None:
    def lose(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute(
                "DELETE FROM calls WHERE kind = 'tool' AND rowid = (SELECT max(rowid) FROM calls WHERE kind = 'tool')"
            )

    assert "found in the journal" in copies.after(lose)


def test_an_edited_result_is_named(copies: Copies, tmp_path: Path) -> None:
    shutil.copytree(copies.source, tmp_path / "copy")
    store = RunStore(tmp_path / "copy" / ".agentflow" / "agentflow.db")
    store.database.execute("UPDATE runs SET inputs = replace(inputs, 'rivers', 'lakes')")
    with pytest.raises(Damaged, match="seal"):
        store.load(RUN)
    assert verify(store, RUN)
    store.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE events SET data = replace(data, 'rivers', 'lakes') WHERE seq = 3", "event 3 does not follow"),
        ("DELETE FROM events WHERE seq = 2", "event 2 does not follow"),
        ("DELETE FROM events WHERE seq = 1", "event 1 does not follow"),
        ("DELETE FROM events WHERE seq > 4", "the run store's head"),
        ("DELETE FROM events", "the run store's head"),
        ("UPDATE events SET seal = ''", "the run store's head"),
        ("UPDATE runs SET head = '';", "the given head"),
    ],
)
def test_changed_removed_and_cut_events_are_named(copies: Copies, tmp_path: Path, change: str, said: str) -> None:
    shutil.copytree(copies.source, tmp_path / "copy")
    store = RunStore(tmp_path / "copy" / ".agentflow" / "agentflow.db")
    head = head_of(store, RUN)
    assert verify(store, RUN, head) == [] and int(head.split()[0]) > 4
    store.database.execute(change)
    if "head" in change:  # somebody who also writes the rest again is noticed by a head that was noted elsewhere
        store.database.execute("DELETE FROM events")
    assert said in verify(store, RUN, head)[0]
    store.close()
