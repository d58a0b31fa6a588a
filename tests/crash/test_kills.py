"""R1: SIGKILL at random moments. Every run ends, with the same report, and no finished model call is made again."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.harness import Tally, Victim, write_towers
from tests.crash.plain import PlainVictim

SLOWLY = 0.03  # seconds a model takes, so that a kill often falls into a call


def random_kills(seed: int, longest: float, most: int = 3) -> Callable[[int], float | None]:
    dice = random.Random(seed)
    return lambda number: dice.uniform(0.05, longest) if number < most else None


def undisturbed(root: Path, kind: type[Victim] = Victim) -> tuple[str, float]:
    victim, started = kind(root, "undisturbed", seconds=SLOWLY), time.monotonic()
    victim.carry_on()
    return " ".join(victim.outcome()), time.monotonic() - started


def kill_many(root: Path, kind: type[Victim], kills: int, longest: float) -> Tally:
    tally, number = Tally(), 0
    while tally.kills < kills:
        number += 1
        kind(root, f"killed-{number}", seconds=SLOWLY).finish(tally, random_kills(number, longest))
    return tally


def test_a_killed_run_ends_with_the_same_report(tmp_path: Path) -> None:
    root = write_towers(tmp_path / "towers")
    expected, seconds = undisturbed(root)
    assert expected.startswith("answered")
    tally = kill_many(root, Victim, 3, seconds)
    assert tally.finished == tally.runs and tally.outputs == {expected}
    assert tally.again == 0, "a call whose result was in the journal was made again"


def test_a_run_killed_before_its_first_checkpoint_starts_over(tmp_path: Path) -> None:
    root = write_towers(tmp_path / "towers")
    victim = Victim(root, "early", seconds=0.5)
    pid = victim.start()
    while "early" not in str(runs_of(root)):
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    victim.carry_on()
    assert victim.outcome()[0] == "answered"


def runs_of(root: Path) -> list[tuple[str]]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(root / ".agentflow" / "agentflow.db")) as database:
        try:
            return database.execute("SELECT id FROM runs").fetchall()
        except sqlite3.OperationalError:
            return []


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_two_hundred_kills_lose_nothing(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    root = write_towers(tmp_path / "towers")
    expected, seconds = undisturbed(root)
    ours = kill_many(root, Victim, 200, seconds)
    plain_expected, plain_seconds = undisturbed(root, PlainVictim)
    plain = kill_many(root, PlainVictim, 200, plain_seconds)
    for name, tally in (("agentflow", ours), ("LangGraph + AsyncSqliteSaver", plain)):
        record_property(name, str(tally))
        print(f"\n{name}: {tally.kills} kills, {tally.finished}/{tally.runs} finished, {len(tally.outputs)} outputs, "
              f"{tally.in_flight} model calls repeated ({tally.in_flight / tally.kills:.2f} a kill), {tally.lost} of them "
              f"after they had been answered")  # fmt: skip
    assert ours.finished == ours.runs and ours.outputs == {expected} and ours.again == 0
    assert plain.outputs == {plain_expected}
