"""What other processes tell by NOTIFY, heard by one thread and connection of this process.

A word may be missed while the connection is away, and none comes through a pooler, where the session that listens may be
another's: whoever listens looks by themselves from time to time.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg

CHANNEL = "agentflow"
SELDOM = 2.0  # seconds without a word after which a listener looks all the same
DEAF = 0.5  # the same, where no word comes
AGAIN = 1.0  # seconds before the next try to connect


class Bell:
    """The thread starts with the first listener, and not at all where it is `deaf`."""

    def __init__(self, parameters: dict[str, Any], *, deaf: bool = False) -> None:
        self.parameters = parameters
        self.deaf = deaf
        self.told: dict[str, int] = {}  # how often, by topic
        self.closed = False
        self.start = threading.Lock()
        self.thread: threading.Thread | None = None

    def listen(self, topic: str) -> "BellListener":
        with self.start:
            self.told.setdefault(topic, 0)
            if self.thread is None and not self.deaf:
                self.thread = threading.Thread(target=self._hear, name="agentflow-bell", daemon=True)
                self.thread.start()
        return BellListener(lambda: self.told[topic], DEAF if self.deaf else SELDOM)

    def close(self) -> None:
        self.closed = True

    def _hear(self) -> None:
        while not self.closed:
            with suppress(psycopg.Error), psycopg.connect(**self.parameters, autocommit=True) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                while not self.closed:
                    for word in connection.notifies(timeout=AGAIN):
                        if word.payload in self.told:
                            self.told[word.payload] += 1
            if not self.closed:
                time.sleep(AGAIN)


class BellListener:
    pause = 0.02

    def __init__(self, told: Callable[[], int], seldom: float) -> None:
        self.told = told
        self.seldom = seldom
        self.seen = -1
        self.looked = 0.0

    def rung(self) -> bool:
        told, now = self.told(), time.monotonic()
        if told == self.seen and now - self.looked < self.seldom:
            return False
        self.seen, self.looked = told, now
        return True
