"""A server must not outlive the program that started it."""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
POLL = 2.0  # seconds


def die_with(parent: int) -> None:
    """Ends this process with SIGTERM when `parent` dies: by the kernel on Linux, by polling everywhere."""
    if sys.platform == "linux" and os.getppid() == parent:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    def watch() -> None:
        while alive(parent):
            time.sleep(POLL)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def alive(pid: int) -> bool:
    """Whether a process exists. A child that ended but was not reaped counts as dead."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
