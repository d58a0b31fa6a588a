"""The running servers of this user: one folder each, so that several agentflow processes share one server.

FOLDER.lock   held while somebody starts, joins or retires the server
server.json   how to reach it and who runs it; there only while it may be joined
users/PID-T-X one empty file per user, T its process's start time: a killed user is seen as gone
pinned        there when `agentflow models start` keeps it without users
stop          there when `agentflow models stop` ends it
log, out      the server's standard error and output
PID.ended     how the server of the supervisor PID ended; stays a while, for users who learn of it late
"""

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import psutil
from filelock import FileLock

from agentflow.models.paths import runtime_home
from agentflow.storage.files import write_whole

LOG_TAIL = 16_384  # bytes
ROUNDING = 3.0  # s: the start of a process is told by the clock, which may be set a little
REMEMBERED = 600.0
"""Seconds for which it stays known how a server ended."""


@dataclass(frozen=True, slots=True)
class Running:
    """One server: `supervisor` is the process that watches it and ends it after its last user."""

    name: str
    serve: str
    pid: int
    supervisor: int
    url: str
    key: str
    socket: str = ""
    model: str = ""
    started: float = 0.0
    argv: list[str] = field(default_factory=list)
    address: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """`code` is negative for a signal, None when even SIGKILL did not end it; `log` is the end of its log."""

    code: int | None
    log: str


@dataclass(frozen=True, slots=True)
class ServerDir:
    """The folder of one server; see the module's text for the files in it."""

    folder: Path

    def lock(self) -> FileLock:
        """Not waited for: who does not get it at once is told so by TimeoutError."""
        return FileLock(f"{self.folder}.lock", timeout=0, thread_local=False)

    def prepare(self) -> None:
        """An empty folder, but for the users who wait for the server and how its predecessors ended."""
        (self.folder / "users").mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self.folder.iterdir():
            kept = ".ended" in path.name and time.time() - path.stat().st_mtime < REMEMBERED
            if path.name != "users" and not kept:
                path.unlink(missing_ok=True)

    def running(self) -> Running | None:
        """The server that can be joined, if it and its supervisor live; after a restart of the machine their pids may be
        others'."""
        found = self.announced()
        return found if found and all(was_there(pid, found.started) for pid in (found.supervisor, found.pid)) else None

    def announced(self) -> Running | None:
        """The server on the list, alive or not."""
        try:
            found = json.loads((self.folder / "server.json").read_text())
            if "keeper" in found:  # as versions before 0.2 wrote it
                found["supervisor"] = found.pop("keeper")
            return Running(**found)
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None

    def announce(self, running: Running) -> None:
        write(self.folder / "server.json", json.dumps(asdict(running)))

    def join(self, user: str) -> None:
        (self.folder / "users").mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / "users" / user).touch()

    def leave(self, user: str) -> None:
        (self.folder / "users" / user).unlink(missing_ok=True)

    def users(self) -> list[int]:
        """The pids of living users; the files of dead ones are removed."""
        living = []
        folder = self.folder / "users"
        for path in folder.iterdir() if folder.is_dir() else ():
            pid, started, *_ = path.name.split("-")
            if is_process(int(pid), int(started)):
                living.append(int(pid))
            else:
                path.unlink(missing_ok=True)
        return living

    def tell_end(self, supervisor: int, ended: Ended) -> None:
        write(self.folder / f"{supervisor}.ended", json.dumps(asdict(ended)))

    def ended(self, supervisor: int) -> Ended | None:
        """How the server of this supervisor ended, once the supervisor has written it."""
        try:
            return Ended(**json.loads((self.folder / f"{supervisor}.ended").read_text()))
        except FileNotFoundError:
            return None

    def log_tail(self, size: int = LOG_TAIL) -> str:
        try:
            with (self.folder / "log").open("rb") as file:
                return tail(file, size)
        except FileNotFoundError:
            return ""

    def ready_line(self) -> dict[str, Any] | None:
        """What the embedded server printed when it was ready or gave up."""
        try:
            text = (self.folder / "out").read_text("utf-8")
        except FileNotFoundError:
            return None
        line, newline, _ = text.partition("\n")
        return json.loads(line) if newline else None


def tail(file: BinaryIO, size: int = LOG_TAIL) -> str:
    """The last bytes of a file as text."""
    file.seek(max(0, os.fstat(file.fileno()).st_size - size))
    return file.read().decode("utf-8", "replace")


def place(name: str, fingerprint: str, replica: int = 0) -> ServerDir:
    """The folder of one server; the first of several replicas is the server of a model without any."""
    return ServerDir(runtime_home() / f"{name[:24]}-{fingerprint[:10]}{f'-{replica + 1}' if replica else ''}")


def places() -> list[ServerDir]:
    """Every server folder of this user."""
    return [ServerDir(path.parent) for path in sorted(runtime_home().glob("*/server.json"))]


def new_user() -> str:
    """A name for one user inside this process: two of them may use one server."""
    return f"{os.getpid()}-{int(psutil.Process().create_time())}-{secrets.token_hex(3)}"


def start_of(pid: int) -> float | None:
    """When a living process started (s); None when there is none."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None


def is_alive(pid: int) -> bool:
    return start_of(pid) is not None


def was_there(pid: int, moment: float) -> bool:
    """Whether a living process lived at a moment (s) already: one that was given its pid since is younger."""
    return (found := start_of(pid)) is not None and found < moment + ROUNDING


def is_process(pid: int, started: int) -> bool:
    """Whether this very process lives: a pid used again has another start time (s)."""
    return (found := start_of(pid)) is not None and abs(found - started) < ROUNDING


def write(path: Path, text: str) -> None:
    """Readable by this user only, and whole or not at all."""
    write_whole(path, text, mode=0o600)
