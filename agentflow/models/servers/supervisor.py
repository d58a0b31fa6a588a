"""The process between agentflow and a server: ends the server after its last user, however that one ended.

Started by `Managed`, detached, one per server: `python -m agentflow.models.servers.supervisor`, its orders as JSON on stdin.
A user that was killed with -9 is gone for the supervisor within a second. A supervisor that is killed takes the server along
(the kernel's parent-death signal on Linux).
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from agentflow.models.servers.server_dir import Ended, ServerDir, tail, write

POLL = 0.5
GRACE = 5.0
PR_SET_PDEATHSIG = 1


def keep(orders: dict[str, Any]) -> None:
    place = ServerDir(Path(orders["folder"]))
    (place.folder / f"{os.getpid()}.ended").unlink(missing_ok=True)  # of an earlier process with this pid
    wake = _wake_on_signals()
    with (place.folder / "log").open("w+b") as log:  # a successor makes a file of its own
        server = _spawn(place, orders, log)
        write(place.folder / "pids", json.dumps({"supervisor": os.getpid(), "server": server.pid}))
        print("kept", flush=True)
        _wait(place, server, wake, orders["keep_alive"])
        _end(server)
        place.tell_end(os.getpid(), Ended(server.returncode, tail(log)))
    _take_off_the_list(place)


def _wait(place: ServerDir, server: "subprocess.Popen[bytes]", wake: int, keep_alive: float) -> None:
    """Until the server has died, was stopped, or had no user for `keep_alive` seconds."""
    unused = 0.0
    while server.poll() is None:
        select.select([wake], [], [], POLL)
        with contextlib.suppress(BlockingIOError):
            os.read(wake, 64)
        used = bool(place.users()) or (place.folder / "pinned").exists()
        unused = 0.0 if used else unused or time.monotonic()
        spent = not used and time.monotonic() - unused >= keep_alive
        if (spent or (place.folder / "stop").exists()) and _retire(place):
            return


def _take_off_the_list(place: ServerDir) -> None:
    """Whoever holds the lock is starting a successor, and empties the folder himself."""
    with contextlib.suppress(TimeoutError), place.lock():
        if (listed := place.announced()) and listed.supervisor == os.getpid():
            (place.folder / "server.json").unlink(missing_ok=True)


def _retire(place: ServerDir) -> bool:
    """Takes the server off the list, unless somebody joined meanwhile or is just joining."""
    try:
        with place.lock():
            stopped = (place.folder / "stop").exists()
            if not stopped and (place.users() or (place.folder / "pinned").exists()):
                return False
            (place.folder / "server.json").unlink(missing_ok=True)
            (place.folder / "pinned").unlink(missing_ok=True)
            return True
    except TimeoutError:
        return False


def _spawn(place: ServerDir, orders: dict[str, Any], log: BinaryIO) -> "subprocess.Popen[bytes]":
    with (place.folder / "out").open("wb") as out:
        server = subprocess.Popen(
            [argument.replace("{supervisor}", str(os.getpid())) for argument in orders["argv"]],
            env={**os.environ, **orders["env"]},
            stdin=subprocess.PIPE,
            stdout=out if orders["ready_line"] else log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_me if sys.platform == "linux" else None,  # noqa: PLW1509 (one thread only)
        )
    assert server.stdin
    with contextlib.suppress(BrokenPipeError):
        server.stdin.write(orders["stdin"].replace("{supervisor}", str(os.getpid())).encode())
        server.stdin.close()
    return server


def _die_with_me() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _end(server: "subprocess.Popen[bytes]") -> None:
    """SIGTERM to the whole process group, SIGKILL to what is left of it after the grace."""
    for number, wait in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(server.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(wait)


def _wake_on_signals() -> int:
    """A descriptor that becomes readable on SIGUSR1 (a user left) and SIGCHLD. SIGTERM ends supervisor and server."""
    read, write_end = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    for number in (signal.SIGUSR1, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return read


if __name__ == "__main__":
    keep(json.loads(sys.stdin.read()))
