"""Workers of two hosts on one database: one whose clock is ten minutes wrong, one that is cut off for too long."""

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worker.harness import Slots, enqueue, freeze, late, load, marks, wait, write_project

pytestmark = pytest.mark.usefixtures("each_database")


def host(name: str, ahead: float = 0.0) -> Callable[[], None]:
    """What a forked process does first, to be on another host as far as it can tell; its clock is `ahead` by seconds."""

    def be() -> None:
        right = time.time
        socket.gethostname = lambda: name
        time.time = lambda: right() + ahead

    return be


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path)


@pytest.mark.parametrize("ahead", [600.0, -600.0])
def test_a_host_whose_clock_is_wrong_takes_nothing_over(root: Path, ahead: float) -> None:
    [run] = enqueue(root, [{"marks": 8, "seconds": 0.2}])
    with Slots(root) as slots:
        slots.start(host("here"))
        wait(lambda: bool(marks(root)))
        slots.start(host("there", ahead))
        wait(lambda: load(root, run).finished)
        assert [told["run"] for told in slots.told("claimed")] == [run] and not slots.told("recovered")
    assert (load(root, run).status, load(root, run).attempts, len(marks(root))) == ("answered", 1, 8)


@pytest.mark.parametrize("ahead", [600.0, -600.0])
def test_a_host_that_is_silent_for_too_long_loses_its_run_whatever_the_clocks_say(root: Path, ahead: float) -> None:
    [run] = enqueue(root, [{"marks": 8, "seconds": 0.5}])
    with Slots(root, lease=1.5) as slots:
        first = slots.start(host("here"))
        wait(lambda: len(marks(root)) >= 2)
        freeze(root, first)
        slots.start(host("there", ahead))
        wait(lambda: len(slots.told("claimed")) >= 2, meanwhile=lambda: slots.reap(start=True))
        os.kill(first, signal.SIGCONT)
        wait(lambda: load(root, run).finished, meanwhile=lambda: slots.reap(start=True))
    assert load(root, run).status == "answered" and late(root, [run]) == []
