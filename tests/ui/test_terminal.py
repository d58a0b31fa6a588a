"""R18 in a real pseudo-terminal: small windows, storms of resizes, locales that are not UTF-8."""

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.ui.terminal import PATIENCE, Terminal

QUIT = "\x11"  # ctrl+q
LATIN_1 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "iso8859-1"}
ASCII = {**LATIN_1, "PYTHONIOENCODING": "ascii"}
LOCALES: dict[str, dict[str, Any]] = {"latin-1": LATIN_1, "ascii": ASCII, "c": {"LC_ALL": "C"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    return project


@pytest.mark.parametrize("size", [(80, 20), (20, 5)], ids=["80x20", "20x5"])
def test_every_place_fits_a_small_window(folder: Path, size: tuple[int, int]) -> None:
    terminal = Terminal(folder, size=size)
    terminal.wait(
        lambda: "agentflow" in terminal.shown or "ctrl+p" in terminal.shown
    )  # five lines show one or the other
    terminal.press("\x1b", "2", "3", "4", "5", "1", "\x10", "\x1b", "?", "\x1b")
    assert terminal.end(QUIT) == 0


def test_a_storm_of_window_changes(folder: Path) -> None:
    terminal = Terminal(folder)
    terminal.wait_for("agentflow")
    chance = random.Random(2)
    for _ in range(150):
        terminal.resize(chance.randint(1, 200), chance.randint(1, 60))
        terminal.read(0.01)
    terminal.resize(100, 30)
    terminal.press_until("Try it", "\x1b", "3")
    assert terminal.end(QUIT) == 0


@pytest.mark.parametrize("name", LOCALES)
def test_a_locale_that_is_not_utf_8(folder: Path, name: str) -> None:
    (folder / "caf\udce9.md").write_text("# Caf\u00e9\n\nIt opens at six.\n")  # a name in Latin-1
    terminal = Terminal(folder, **LOCALES[name])
    terminal.wait_for("agentflow")
    terminal.press("caf", b"\xe9", "\u00e9 \u2713", b"\xff\xfe")
    terminal.wait_for("caf")
    terminal.press_until("Remove", "\x1b", "2")
    terminal.press_until("Check", "4")
    assert b"\\u2" not in terminal.said
    if name == "ascii":
        assert terminal.said.isascii() and b"---" in terminal.said
    assert terminal.end(QUIT) == 0


@pytest.mark.parametrize("through", [(), ("sh", "-c", "trap '' HUP; exec \"$@\"", "sh")], ids=["told", "under nohup"])
def test_a_terminal_that_is_gone_ends_the_app(folder: Path, through: tuple[str, ...]) -> None:
    """Also where nobody sends a signal: a session without a controlling terminal."""
    terminal = Terminal(folder, through=through)
    terminal.wait_for("agentflow")
    terminal.read(0.5)
    os.close(terminal.master)
    assert terminal.process.wait(PATIENCE) == -signal.SIGHUP
