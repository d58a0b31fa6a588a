"""The process between agentflow and a server: ends the server after its last user, however that one ended.

Started by `Managed`, detached, one per server: `python -m agentflow.models.servers.keeper`, its orders as JSON on stdin.
A user that was killed with -9 is gone for the keeper within a second. A keeper that is killed takes the server along
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
from typing import Any

from agentflow.models.servers.registry import Place, write

POLL = 0.5
GRACE = 5.0
PR_SET_PDEATHSIG = 1


def keep(orders: dict[str, Any]) -> None:
    place = Place(Path(orders["folder"]))
    wake = _wake_on_signals()
    server = _spawn(place, orders)
    write(place.folder / "pids", json.dumps({"keeper": os.getpid(), "server": server.pid}))
    print("kept", flush=True)
    unused = 0.0
    while server.poll() is None:
        select.select([wake], [], [], POLL)
        with contextlib.suppress(BlockingIOError):
            os.read(wake, 64)
        used = bool(place.users()) or (place.folder / "pinned").exists()
        unused = 0.0 if used else unused or time.monotonic()
        spent = not used and time.monotonic() - unused >= orders["keep_alive"]
        if (spent or (place.folder / "stop").exists()) and _retire(place):
            break
    _end(server)
    if json.loads((place.folder / "pids").read_text())["keeper"] == os.getpid():  # else a successor has the folder
        write(place.folder / "exit", str(server.returncode))
        (place.folder / "server.json").unlink(missing_ok=True)


def _retire(place: Place) -> bool:
    """Takes the server off the list, unless somebody joined meanwhile or is just joining."""
    try:
        with place.lock(timeout=0):
            stopped = (place.folder / "stop").exists()
            if not stopped and (place.users() or (place.folder / "pinned").exists()):
                return False
            (place.folder / "server.json").unlink(missing_ok=True)
            (place.folder / "pinned").unlink(missing_ok=True)
            return True
    except TimeoutError:
        return False


def _spawn(place: Place, orders: dict[str, Any]) -> "subprocess.Popen[bytes]":
    with (place.folder / "out").open("wb") as out, (place.folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [argument.replace("{keeper}", str(os.getpid())) for argument in orders["argv"]],
            env={**os.environ, **orders["env"]},
            stdin=subprocess.PIPE,
            stdout=out if orders["ready_line"] else log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_me if sys.platform == "linux" else None,  # noqa: PLW1509 (one thread only)
        )
    assert server.stdin
    with contextlib.suppress(BrokenPipeError):
        server.stdin.write(orders["stdin"].replace("{keeper}", str(os.getpid())).encode())
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
    """A descriptor that becomes readable on SIGUSR1 (a user left) and SIGCHLD. SIGTERM ends keeper and server."""
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
