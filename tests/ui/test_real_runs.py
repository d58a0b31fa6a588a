"""R18 with the starter model on its real server, through a pseudo-terminal: what ends in the middle of a run loses nothing."""

import os
import resource
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from agentflow import bundled
from agentflow.cli import main
from agentflow.project import Project
from agentflow.runs.leases import state_of
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from tests.ui.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
QUIT = "\x11"  # ctrl+q
PATIENCE = 600
ENDED = ("answered", "insufficient")


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose documents are in the corpus."""
    root = tmp_path_factory.mktemp("kestrel") / "project"
    shutil.copytree(bundled.ROOT / "docs" / "demo", root / "documents")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setattr("sys.argv", ["agentflow", "ingest", "documents"])
        with pytest.raises(SystemExit):
            main()
    return root


@pytest.fixture
def root(read_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """With servers of its own, in a folder short enough for their sockets."""
    runtime = Path(f"/tmp/agentflow-test-{os.getpid()}")
    monkeypatch.setenv("AGENTFLOW_RUNTIME", str(runtime))
    shutil.copytree(read_once, tmp_path / "project")
    yield tmp_path / "project"
    shutil.rmtree(runtime, ignore_errors=True)


def asked(root: Path) -> Terminal:
    """A terminal in which a run works."""
    terminal = Terminal(root)
    terminal.wait_for("Runs")
    terminal.press("How long is raw sensor data kept?", "\r")
    terminal.wait(lambda: only_run(root) is not None, PATIENCE)
    terminal.wait(lambda: steps(root) > 1, PATIENCE)
    return terminal


def only_run(root: Path) -> Run | None:
    store = RunStore(Project(root).database)
    try:
        return next(iter(store.list(limit=2)), None)
    finally:
        store.close()


def steps(root: Path) -> int:
    store = RunStore(Project(root).database)
    try:
        return int(store.database.execute("SELECT count(*) FROM calls").fetchone()[0])
    finally:
        store.close()


def state(root: Path) -> str:
    run = only_run(root)
    return state_of(run) if run else ""


def ends_as(root: Path, *wanted: str) -> str:
    until = time.monotonic() + PATIENCE
    while (now := state(root)) not in wanted:
        assert time.monotonic() < until, now
        time.sleep(0.5)
    return now


@pytest.mark.parametrize("how", ["leave", "hang up", "kill"])
def test_a_run_outlives_its_screen(root: Path, how: str) -> None:
    terminal = asked(root)
    if how == "leave":
        terminal.press(QUIT)
        terminal.wait_for("under way")
        assert terminal.end("l") == 0
    else:
        os.kill(terminal.process.pid, signal.SIGHUP if how == "hang up" else signal.SIGKILL)
        terminal.process.wait(60)
    assert ends_as(root, *ENDED)


def test_a_paused_run_is_gone_on_with_from_home(root: Path) -> None:
    terminal = asked(root)
    terminal.press(QUIT)
    terminal.wait_for("under way")
    assert terminal.end("p") == 0
    ends_as(root, "paused")
    terminal = Terminal(root)
    terminal.wait_for("paused")
    terminal.press("\x1b", "r")
    terminal.wait(lambda: state(root) in ENDED, PATIENCE)
    assert terminal.end(QUIT, "l") == 0


def test_a_killed_server_ends_neither_screen_nor_run(root: Path) -> None:
    terminal = asked(root)
    servers = [item for item in psutil.process_iter() if is_server(item)]
    assert servers
    for server in servers:
        server.kill()
    terminal.wait(lambda: state(root) in (*ENDED, "paused", "failed"), PATIENCE)
    if state(root) not in ENDED:
        terminal.press("r")
        terminal.wait(lambda: state(root) in ENDED, PATIENCE)
    assert terminal.end(QUIT, "l") == 0


def test_a_full_disk_is_said_and_the_run_goes_on_afterwards(root: Path) -> None:
    terminal = asked(root)
    for process in [item for item in processes_of(terminal) if "runner" in " ".join(item.cmdline())]:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    terminal.wait(lambda: state(root) in (*ENDED, "paused", "failed", "interrupted"), PATIENCE)
    assert state(root) not in ENDED, "the limit was not reached"
    terminal.press("s", "t", "c")
    assert terminal.end(QUIT, "l") == 0
    terminal = Terminal(root)
    terminal.wait_for(state(root) if state(root) != "interrupted" else "failed")
    terminal.press("\x1b", "r")
    terminal.wait(lambda: state(root) in ENDED, PATIENCE)
    assert terminal.end(QUIT, "l") == 0


def processes_of(terminal: Terminal) -> list[psutil.Process]:
    return psutil.Process(terminal.process.pid).children(recursive=True)


def is_server(process: psutil.Process) -> bool:
    """Of this test and nobody else's."""
    try:
        ours = process.environ().get("AGENTFLOW_RUNTIME") == os.environ["AGENTFLOW_RUNTIME"]
        return ours and "agentflow.serving" in process.cmdline()
    except psutil.Error:
        return False
