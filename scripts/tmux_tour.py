"""Drives the terminal UI in tmux as a new user would, without a mouse, and writes docs/tui-tour.md from what tmux shows.

`python scripts/tmux_tour.py`: from an empty folder to a finished report with its citations opened,
with the models that models.yaml gives to the roles. Nothing is staged. Exits 1 when a screen does not come.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tui-tour.md"
SIZE = (100, 30)
PATIENCE = 600.0  # seconds for any one screen
HEAD = """# The terminal UI, key by key

Made by `python scripts/tmux_tour.py`: tmux in a window of {width}×{height}, an empty folder beside one with five documents, the model
that ships, no mouse. {keys} keys besides the question's letters, {seconds:.0f} s on a machine busy with other work.

"""


class Step(NamedTuple):
    """`keys` as tmux names them (`-l` text is typed as it is); done when `until` stands on the screen, `without` does not."""

    about: str
    keys: tuple[str, ...]
    until: str
    without: str = "Reading"


STEPS = (
    Step("Start it in the empty folder", ("-l agentflow", "Enter"), "choose documents"),
    Step("The folder beside it is offered", ("Enter",), "documents"),
    Step("Read it", ("Enter",), "No runs yet"),
    Step("Type the question", ("-l How long is raw sensor data kept?",), "data kept?"),
    Step("Ask", ("Enter",), "Steps"),
    Step("The run, when it has ended", (), "answered"),
    Step("Its claims", ("c",), "supported"),
    Step("From a claim to the quote it rests on", ("Down", "Enter"), "documents/"),
    Step("The report; the source of the first citation stands open below it", ("o",), "Findings"),
    Step("The next citation", ("Right",), "▌"),
    Step("Sources that contradict each other", ("d",), "but"),
    Step("Open the source in $EDITOR (here: less) at the line of the quote", ("v",), "Raw sensor data"),
    Step("Close the editor: the report is back", ("q",), "Findings"),
    Step("The whole report as one document", ("m",), "Report"),
    Step("Back to the run, back home: the run is listed", ("Escape", "Escape"), "How long is raw"),
    Step("All keys", ("F1",), "Everywhere"),
    Step("Leave", ("Escape", "C-q"), "bye"),
)


class Tmux:
    """A server of its own, so that nobody's tmux is touched."""

    def __init__(self, folder: Path) -> None:
        self.socket = f"agentflow-tour-{os.getpid()}"
        width, height = map(str, SIZE)
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "EDITOR": "less", "LESS": "",
            "XDG_CONFIG_HOME": str(folder.parent / "config"), "PS1": "$ ", "LANG": "C.UTF-8", "HISTFILE": "",
        }  # fmt: skip
        shell = shlex.join(["env", *(f"{name}={value}" for name, value in environment.items()), "bash", "--norc"])
        self("-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height, "-c", str(folder), f"{shell}; echo bye")
        self("set", "-g", "escape-time", "20")
        self("set", "-g", "remain-on-exit", "on")

    def __call__(self, *arguments: str) -> str:
        command = ["tmux", "-L", self.socket, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    def press(self, key: str) -> None:
        self("send-keys", *(("-l", key[3:]) if key.startswith("-l ") else (key,)))
        time.sleep(0.4)

    def screen(self) -> str:
        return "\n".join(line.rstrip() for line in self("capture-pane", "-p").rstrip().split("\n"))

    def wait(self, text: str, without: str) -> str:
        """The screen once `text` stands on it, `without` does not, and two looks are alike."""
        until, before = time.monotonic() + PATIENCE, ""
        while time.monotonic() < until:
            time.sleep(1.0)
            now = self.screen()
            if text in now and without not in now and now == before:
                return now
            before = now
        raise SystemExit(f"waited in vain for {text!r}:\n{before}")


def tour(folder: Path) -> str:
    tmux, started = Tmux(folder), time.monotonic()
    parts, pressed = [], 0
    try:
        for number, (about, keys, until, without) in enumerate(STEPS, 1):
            for key in keys:
                tmux.press(key)
            names = " ".join(f"`{key.removeprefix('-l ')}`" for key in keys)
            pressed += sum(not key.startswith("-l ") for key in keys)
            if until == "bye":
                tmux.press("-l exit")
                tmux.press("Enter")
            screen = tmux.wait(until, without)
            print(f"{number}. {about}", flush=True)
            assert "Traceback" not in screen, screen
            parts.append(f"## {number}. {about}\n\n{f'Keys: {names}' if names else 'No key: it works.'}\n")
            if until != "bye":
                parts.append(f"```text\n{screen}\n```\n")
    finally:
        tmux("kill-server")
    head = HEAD.format(width=SIZE[0], height=SIZE[1], keys=pressed, seconds=time.monotonic() - started)
    return head + "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, default=PAGE)
    chosen = parser.parse_args()
    folder = Path(tempfile.gettempdir()) / "agentflow-tour"  # its name is in the pictures
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "kestrel").mkdir(parents=True)
    shutil.copytree(ROOT / "docs" / "demo", folder / "documents")
    try:
        chosen.write.write_text(tour(folder / "kestrel"), "utf-8")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
