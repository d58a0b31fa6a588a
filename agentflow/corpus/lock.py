"""One writer at a time: an exclusive file lock that names its holder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentflow.errors import Unavailable


@contextmanager
def writer_lock(database: Path) -> Iterator[None]:
    """Held while the corpus is written. Raises Unavailable with the holder's pid.

    The system drops the lock when its holder dies, however it dies; the pid is only for the message.
    """
    from filelock import FileLock, Timeout

    path = database.with_name("corpus.lock")
    holder = database.with_name("corpus.writer")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(path, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        pid = holder.read_text("utf-8").strip() if holder.is_file() else "unknown"
        raise Unavailable(
            f"another ingest is writing to {database.parent} (process {pid})",
            f"wait for it to end, or stop it with: kill {pid}",
        ) from None
    try:
        holder.write_text(f"{os.getpid()}\n", "utf-8")
        yield
        holder.unlink(missing_ok=True)
    finally:
        lock.release()
