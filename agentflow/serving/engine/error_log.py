"""Errors that nobody expected: each is logged once with its traceback, and afterwards only how often it came."""

import logging
import threading
from pathlib import Path

log = logging.getLogger("agentflow.serving")


class ErrorLog:
    """Counts by the kind of the error and the line that raised it. Safe to use from several threads."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def note(self, doing: str, error: BaseException) -> None:
        """Logs the 1st with its traceback, then the 10th, 100th, 1,000th in a line each."""
        key = (type(error).__name__, line_of(error))
        with self._lock:
            count = self.counts[key] = self.counts.get(key, 0) + 1
        if count == 1:
            log.error("%s failed: %s", doing, error, exc_info=error)
        elif str(count).rstrip("0") == "1":
            log.error("%s failed: %s in %s, %s times by now", doing, *key, f"{count:,}")


def line_of(error: BaseException) -> str:
    """Where it was raised, as FILE:LINE."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
