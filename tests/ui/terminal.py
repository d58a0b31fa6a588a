"""`agentflow` in a pseudo-terminal, as a person starts it: keys in, bytes out, the window's size."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path


class Terminal:
    def __init__(self, folder: Path, *, size: tuple[int, int] = (120, 40), **environment: str) -> None:
        self.said = b""
        self.master, slave = pty.openpty()
        self.resize(*size, tell=False)
        config = folder.parent / "config"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agentflow"], cwd=folder, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "XDG_CONFIG_HOME": str(config), **environment},
        )  # fmt: skip
        os.close(slave)

    def resize(self, width: int, height: int, *, tell: bool = True) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
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
        while (left := until - time.monotonic()) > 0 and select.select([self.master], [], [], left)[0]:
            try:
                self.said += os.read(self.master, 65536)
            except OSError:  # it has ended
                return

    def wait(self, ready: Callable[[], object], seconds: float = 120) -> None:
        until = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < until and self.process.poll() is None, self.said[-3000:].decode(
                "utf-8", "replace"
            )
            self.read(0.05)

    def wait_for(self, text: str | bytes, seconds: float = 120) -> None:
        """Until it is drawn, from now on."""
        wanted = text if isinstance(text, bytes) else text.encode()
        start = len(self.said)
        self.wait(lambda: wanted in self.said[max(0, start - 200) :], seconds)

    def end(self, *keys: str | bytes) -> int:
        """Presses the keys and waits for the end; the exit code. No traceback was shown."""
        self.press(*keys)
        until = time.monotonic() + 120
        while self.process.poll() is None:
            assert time.monotonic() < until, "it does not end"
            self.read(0.05)
        self.read(0.2)
        os.close(self.master)
        assert b"Traceback" not in self.said and b"Error" not in self.said, self.said[-5000:].decode("utf-8", "replace")
        return self.process.returncode
