"""`agentflow` in a pseudo-terminal, as a person starts it: keys in, what is on the screen out, the window's size."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

import pyte

PATIENCE = 240.0  # seconds, on a busy machine; each wait takes moments


class Terminal:
    """`said` is all that came; `screen` what a person would see of it now. `through`: a command that starts it."""

    def __init__(
        self, folder: Path, *, size: tuple[int, int] = (120, 40), through: tuple[str, ...] = (), **environment: str
    ) -> None:
        self.said = b""
        self.screen = pyte.Screen(*size)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        self.resize(*size, tell=False)
        config = folder.parent / "config"
        self.process = subprocess.Popen(
            [*through, sys.executable, "-m", "agentflow"], cwd=folder, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "XDG_CONFIG_HOME": str(config), **environment},
        )  # fmt: skip
        os.close(slave)

    def resize(self, width: int, height: int, *, tell: bool = True) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.screen.resize(height, width)
        if tell:
            os.kill(self.process.pid, signal.SIGWINCH)

    def press(self, *keys: str | bytes) -> None:
        """One after the other, as fingers do."""
        for key in keys:
            os.write(self.master, key if isinstance(key, bytes) else key.encode())
            self.read(0.5 if key == "\x1b" else 0.05)  # escape and a key at once are alt and that key

    def read(self, seconds: float) -> None:
        """What comes within that time."""
        until = time.monotonic() + seconds
        with DefaultSelector() as ready:  # select() itself refuses the descriptors of a long session
            ready.register(self.master, EVENT_READ)
            while (left := until - time.monotonic()) > 0 and ready.select(left):
                try:
                    data = os.read(self.master, 65536)
                except OSError:  # it has ended
                    return
                self.said += data
                self.stream.feed(data)

    @property
    def shown(self) -> str:
        return "\n".join(self.screen.display)

    def wait_a_while(self, ready: Callable[[], object], seconds: float) -> None:
        """Until it is so, or no longer than that."""
        until = time.monotonic() + seconds
        while not ready() and time.monotonic() < until:
            self.read(0.05)

    def wait(self, ready: Callable[[], object], seconds: float = PATIENCE) -> None:
        until = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < until and self.process.poll() is None, self.shown
            self.read(0.05)

    def wait_for(self, text: str, seconds: float = PATIENCE) -> None:
        """Until it is on the screen."""
        self.wait(lambda: text in self.shown, seconds)

    def press_until(self, text: str, *keys: str | bytes) -> None:
        """Again and again, until the text is on the screen: a key that comes before its screen is there is lost."""
        until = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < until and self.process.poll() is None, self.shown
            self.press(*keys)
            self.wait_a_while(lambda: text in self.shown, 1)

    def end(self, *keys: str | bytes) -> int:
        """Presses the keys until it ends; the exit code. No traceback was shown."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < until, self.shown
            self.press(*keys)
            self.wait_a_while(lambda: self.process.poll() is not None, 5)
        self.read(0.2)
        os.close(self.master)
        said = self.said.decode("utf-8", "replace")
        assert not (found := re.search(r".{0,300}(Traceback|Error\b).*", said, re.DOTALL)), found[0][:3000]
        return self.process.returncode
