"""Children end before their event loop closes: Python 3.13 prints a traceback for each one that does not."""

import asyncio
import gc
import signal
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from agentflow.bundled.ui.local.backend import LocalBackend

from agentflow.child import end

CHILDREN = {
    "ends with its input": ("import sys; sys.stdin.read()", 60, 0),
    "is deaf": ("import signal; print(1, flush=True); signal.pause()", 0.1, -signal.SIGKILL),
    "is killed at once": ("import signal; print(1, flush=True); signal.pause()", 0, -signal.SIGKILL),
    "fills its output": ("print('x' * 1_000_000)", 0.1, -signal.SIGKILL),
    "has ended": ("print(1, flush=True)", 60, 0),
}


@pytest.fixture
def ignored(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The exceptions that Python could only print."""
    gc.collect()  # what earlier tests left behind is not ours
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda given: found.append(str(given.exc_value)))
    return found


@pytest.mark.parametrize("name", CHILDREN)
def test_a_child_that(name: str, ignored: list[Any]) -> None:
    code, grace, expected = CHILDREN[name]

    async def start_and_end() -> int:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdin=pipe, stdout=pipe)
        if "print(1" in code:
            assert process.stdout and await process.stdout.readline() == b"1\n"
        if name == "has ended":
            await process.wait()
        found = await end(process, grace)
        assert not psutil.pid_exists(process.pid)
        return found

    assert asyncio.run(start_and_end()) == expected
    gc.collect()
    assert ignored == []


@pytest.mark.parametrize("worker", ["idle", "starting", "killed"])
def test_the_screens_worker_ends_with_the_screen(tmp_path: Path, ignored: list[Any], worker: str) -> None:
    async def visit() -> int:
        backend = LocalBackend.open(tmp_path)
        asked = asyncio.create_task(backend.child.ask("search", query="rivers", most=3))
        while backend.child.process is None:
            await asyncio.sleep(0.01)
        process = backend.child.process
        if worker == "idle":
            await asyncio.gather(asked, return_exceptions=True)
        if worker == "killed":
            process.kill()
            await asyncio.gather(asked, return_exceptions=True)
        await backend.close()
        await asyncio.gather(asked, return_exceptions=True)
        return int(process.pid)

    pid = asyncio.run(visit())
    assert not psutil.pid_exists(pid)
    gc.collect()
    assert ignored == []
