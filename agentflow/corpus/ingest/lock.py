"""One writer at a time: an exclusive file lock that names its holder."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from agentflow.errors import Unavailable
from agentflow.events import Note, Sink
from agentflow.storage.database import writable

POLL = 0.1  # seconds
BRIEF = 2.0  # seconds that a short piece of work of another writer may take


class Occupied(Unavailable):
    """Another process writes; `pid` is its number, or unknown."""

    def __init__(self, message: str, hint: str, pid: str) -> None:
        super().__init__(message, hint)
        self.pid = pid


@contextmanager
def writer_lock(database: Path, patience: float = BRIEF) -> Iterator[None]:
    """Held while the corpus is written. Raises Occupied with the holder's pid after `patience` seconds.

    The system drops the lock when its holder dies, however it dies; the pid is only for the message.
    """
    from filelock import FileLock, Timeout

    path = database.with_name("corpus.lock")
    holder = database.with_name("corpus.writer")
    lock = FileLock(path, timeout=patience, mode=0o600)
    with writable(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            pid = holder.read_text("utf-8").strip() if holder.is_file() else "unknown"
            raise Occupied(
                f"another ingest is writing to {database.parent} (process {pid})",
                f"wait for it to end, or stop it with: kill {pid}",
                pid,
            ) from None
    try:
        with writable(path):
            holder.write_text(f"{os.getpid()}\n", "utf-8")
        yield
        holder.unlink(missing_ok=True)
    finally:
        lock.release()


@asynccontextmanager
async def writer_turn(database: Path, sink: Sink) -> AsyncIterator[None]:
    """The same lock, waited for as long as another process, or another task of this one, holds it; where that takes
    more than a brief while a Note says so once."""
    told, since = False, time.monotonic()
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(writer_lock(database, patience=0))
                break
            except Occupied as error:
                if not told and time.monotonic() - since > BRIEF and error.pid != str(os.getpid()):
                    told = True
                    sink(
                        Note(
                            text=f"{error.message}: waiting for it; {error.hint.partition(', or ')[2]}", level="warning"
                        )
                    )
                await asyncio.sleep(POLL)
        yield
