"""R2: the process dies right before, and right after, each single commit of a run. Systematic, not random."""

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentflow.runs.store import RunStore
from tests.crash.harness import Victim, write_towers

pytestmark = pytest.mark.usefixtures("each_database")


def die_at(commit: int, *, after: bool) -> Callable[[], None]:
    """In a child: SIGKILL at the n-th write of the run store, before or after it is committed."""

    def arm() -> None:
        counted, write = itertools.count(), RunStore.write

        @contextmanager
        def deadly(self: RunStore) -> Iterator[None]:
            number = next(counted)
            with write(self):
                yield
                if number == commit and not after:
                    os.kill(os.getpid(), signal.SIGKILL)
            if number == commit:
                os.kill(os.getpid(), signal.SIGKILL)

        RunStore.write = deadly  # type: ignore[method-assign]

    return arm


def die_everywhere(root: Path, commits: range) -> tuple[int, set[tuple[str, str]], int]:
    """(kills, how the runs ended, finished calls that were made again)."""
    kills, again, ends = 0, 0, set()
    for commit, after in itertools.product(commits, (False, True)):
        victim = Victim(root, f"commit-{commit}-{after}", seconds=0.0)
        if victim.carry_on(die_at(commit, after=after)):
            continue  # the run ended before that commit
        kills += 1
        known, asked = victim.journaled(), len(victim.asked())
        victim.carry_on()
        again += len([item for item in victim.asked()[asked:] if item in known])
        ends.add(victim.outcome())
    return kills, ends, again


def test_dying_at_some_commits_loses_nothing(tmp_path: Path) -> None:
    root = write_towers(tmp_path / "towers")
    whole = Victim(root, "undisturbed", seconds=0.0)
    whole.carry_on()
    kills, ends, again = die_everywhere(root, range(9, 40, 20))
    assert kills == 4 and ends == {whole.outcome()} and again == 0


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_dying_at_every_commit_loses_nothing(tmp_path: Path) -> None:
    root = write_towers(tmp_path / "towers")
    whole = Victim(root, "undisturbed", seconds=0.0)
    whole.carry_on()
    kills, ends, again = die_until_it_ends(root)
    print(f"\n{kills} kills at commit boundaries, ends {ends}, {again} finished calls made again")
    assert kills > 60 and ends == {whole.outcome()} and again == 0


def die_until_it_ends(root: Path) -> tuple[int, set[tuple[str, str]], int]:
    """Boundary by boundary until a run ends before it is reached."""
    total, repeated = 0, 0
    ends: set[tuple[str, str]] = set()
    for commit in itertools.count():
        kills, end, again = die_everywhere(root, range(commit, commit + 1))
        if not kills:
            return total, ends, repeated
        total, ends, repeated = total + kills, ends | end, repeated + again
    raise AssertionError("unreachable")
