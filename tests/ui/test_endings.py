"""However the terminal UI ends, and whatever its worker is doing: no traceback, nothing left running."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import psutil
import pytest

from tests.ui.terminal import PATIENCE, Terminal

QUIT = "\x11"  # ctrl+q
ENDINGS = ("quit", "SIGTERM", "SIGHUP", "window closed")
WORK = ("a server starts", "documents are read", "nothing")
QUICK = {("quit", "a server starts"), ("SIGTERM", "documents are read"), ("window closed", "a server starts")}


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A folder for servers that names the processes of this test."""
    with tempfile.TemporaryDirectory(prefix="af-", ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv("AGENTFLOW_RUNTIME", folder)
        yield folder


def processes(runtime: str) -> list[psutil.Process]:
    """Those that were started under this folder, however far they have removed themselves."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("AGENTFLOW_RUNTIME") == runtime:
                found.append(process)
        except psutil.Error:
            continue
    return found


def put_to_work(terminal: Terminal, work: str, docs: Path) -> None:
    if work == "a server starts":
        terminal.press_until("Not running", "\x1b", "3")
        terminal.press("t")
    else:
        terminal.press_until("No documents yet", "\x1b", "2")
        terminal.press_until("/path/to/documents", "a")
        terminal.press(str(docs), "\r")
    screen = psutil.Process(terminal.process.pid)
    terminal.wait(lambda: screen.children())


@pytest.mark.parametrize(
    ("ending", "work"),
    [
        pytest.param(*case, id=", ".join(case), marks=() if case in QUICK else pytest.mark.slow)
        for case in product(ENDINGS, WORK)
    ],
)
def test_it_ends(tmp_path: Path, runtime: str, ending: str, work: str) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(50):
        (docs / f"{number}.md").write_text(f"# River {number}\n\nIt is {number} km long.\n" * 20)
    (tmp_path / "project").mkdir()
    terminal = Terminal(tmp_path / "project")
    terminal.wait_for("agentflow")
    if work != "nothing":
        put_to_work(terminal, work, docs)
    if ending == "quit":
        assert terminal.end(QUIT) == 0
    else:
        number = signal.SIGTERM if ending == "SIGTERM" else signal.SIGHUP
        if ending == "window closed":
            os.close(terminal.master)
        else:
            terminal.process.send_signal(number)
        assert terminal.process.wait(PATIENCE) == -number
        assert b"Traceback" not in terminal.said
    until = time.monotonic() + PATIENCE
    while left := processes(runtime):
        assert time.monotonic() < until, [process.cmdline() for process in left]
        time.sleep(0.05)
