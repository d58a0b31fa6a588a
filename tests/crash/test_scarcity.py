"""R5, R6: too little memory, a full disk. The run waits, the reason is named, and a resume finishes it."""

import asyncio
import os
import re
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.runs.verify import verify
from agentflow.testing import ScriptedModels
from tests.crash.harness import QUESTION, LoggedModels, Victim, recorded, write_towers

INPUTS = {"question": QUESTION, "rounds": 1}


def greedy(request: Request) -> Any:
    if "claims" in (request.schema or {}).get("properties", {}):
        bytearray(1 << 31)
    return recorded(request)


class Greedy(Victim):
    def models(self) -> Any:
        return LoggedModels(self.log, seconds=0.0, reply=greedy)


def little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + (1 << 29),) * 2)


def test_a_worker_without_memory_pauses_and_a_resume_finishes(tmp_path: Path) -> None:
    victim = Greedy(write_towers(tmp_path / "towers"), "greedy")
    victim.carry_on(little_memory)
    assert victim.outcome()[0] == "paused"
    known, asked = victim.journaled(), len(victim.asked())
    victim.carry_on()
    assert victim.outcome()[0] == "answered"
    assert not [item for item in victim.asked()[asked:] if item in known]


async def fill_and_go_on(root: Path, full: Callable[[], None], freed: Callable[[], None]) -> str:
    """Runs until nothing more can be written, then goes on; the error between. Every run is whole in the end."""
    async with Engine(Project(root), pool=ScriptedModels(recorded)) as engine:
        full()
        try:
            with pytest.raises(AgentflowError) as error:
                for number in range(200):
                    await engine.run("research", INPUTS, run_id=f"r{number}")
        finally:
            freed()
        assert engine.store.database.faults() == []
        last = engine.store.list()[0]
        assert not last.finished
        assert (await engine.resume(last.id)).status == "answered"
        assert all(verify(engine.store, run.id) == [] for run in engine.store.list(limit=1000))
    return f"{error.value.message}; {error.value.hint}"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system of its own needs the right to mount")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_file_system_is_named_and_nothing_is_lost(small_disk: Path) -> None:
    root = write_towers(small_disk / "towers")
    ballast = small_disk / "ballast"

    def full() -> None:
        free = os.statvfs(small_disk)
        ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - 400_000)))

    said = asyncio.run(fill_and_go_on(root, full, ballast.unlink))
    assert re.match(r"no room to write .*agentflow\.db: 0\.\d MB free; free some space", said), said


def test_a_limit_on_file_size_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    root = write_towers(tmp_path / "towers")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, limits[1]))

    said = asyncio.run(fill_and_go_on(root, full, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)))
    assert re.match(r"cannot write .*agentflow\.db .*: .* MB free", said), said
