"""The lower storey: saved states as files, `FOLDER/MODEL/KEY.kv`, for later processes.

They hold the text of documents as tokens, so only this user can read them. All models of a folder share its bytes; the
least recently used files go first, and what nobody used for a month goes at the next start.
"""

import contextlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from agentflow.serving.kvcache import state_block
from agentflow.serving.kvcache.state_block import StateBlock
from agentflow.storage.files import write_whole

log = logging.getLogger("agentflow.serving")
SUFFIX = ".kv"
NAME = "name"  # the file in a model's folder that says which it is
UNUSED_SECONDS = 30 * 86_400.0
ABANDONED_SECONDS = 600.0  # a partial file that old has no writer any more
PENDING_BYTES = 256 << 20  # a disk that is further behind is not given more
FREED = 0.9  # of the limit: what is left after a clearing


class StateFiles:
    """`read` may be called by the engine's thread while a thread of its own writes. A disk that fails is told once."""

    def __init__(self, home: Path, key: str, name: str, limit: int) -> None:
        self.home = home
        self.folder = home / key
        self.name = name
        self.limit = limit
        self.bytes = 0
        self.pending = 0
        self.failed = False
        self._orders: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="prefix-files", daemon=True)

    def open(self) -> list[StateBlock]:
        """Makes the folder and returns the blocks in it, each after the one that it continues."""
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
            write_whole(self.folder / NAME, self.name + "\n", mode=0o600)
            remove_stale(self.home)
            blocks = [block for path in self.folder.glob(f"*{SUFFIX}") if (block := self._head(path))]
            self.bytes = folder_bytes(self.home)
        except OSError as error:
            self._give_up(error)
            return []
        self._thread.start()
        return sorted(blocks, key=lambda block: block.start)

    def _head(self, path: Path) -> StateBlock | None:
        with path.open("rb") as file:
            head = file.read(state_block.HEADER)
        try:
            key = bytes.fromhex(path.stem)
        except ValueError:
            return None
        block = state_block.decode_head(key, head, path.stat().st_size)
        if block is None:
            path.unlink(missing_ok=True)
        return block

    def read(self, block: StateBlock) -> memoryview | None:
        """None when the file is gone, or damaged: then it is removed."""
        path = self._path(block)
        try:
            state = state_block.decode(block, path.read_bytes())
        except OSError:
            return None
        if state is None:
            log.warning("the saved prefix %s is damaged and is removed", path)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        return state

    def write(self, block: StateBlock, state: bytes | memoryview) -> None:
        """Soon, unless the disk is far behind."""
        if self.failed or self.pending > PENDING_BYTES:
            return
        self.pending += block.size
        self._orders.put(lambda: self._write(block, state))

    def touch(self, blocks: list[StateBlock]) -> None:
        """They were used: the last of a chain is the first to go."""
        if not self.failed:
            self._orders.put(lambda: self._touch(blocks))

    def drop(self, block: StateBlock) -> None:
        if not self.failed:
            self._orders.put(lambda: self._path(block).unlink(missing_ok=True))

    def clear(self) -> None:
        """Returns when every file of this model is gone."""
        done = threading.Event()
        self._orders.put(self._clear)
        self._orders.put(done.set)
        if self._thread.is_alive():
            done.wait(60)

    def close(self) -> None:
        """Returns when what was ordered is written."""
        if self._thread.is_alive():
            self._orders.put(None)
            self._thread.join()

    # In the thread that writes

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            try:
                order()
            except OSError as error:
                self._give_up(error)

    def _write(self, block: StateBlock, state: bytes | memoryview) -> None:
        self.pending -= block.size
        path = self._path(block)
        if self.failed or path.exists():
            return
        data = state_block.encode(block, bytes(state))
        write_whole(path, data, mode=0o600)
        self.bytes += len(data)
        if self.bytes > self.limit:
            self.bytes = trim(self.home, int(self.limit * FREED))

    def _touch(self, blocks: list[StateBlock]) -> None:
        now = time.time()
        for place, block in enumerate(blocks):
            with contextlib.suppress(FileNotFoundError):
                os.utime(self._path(block), (now, now - place * 1e-3))

    def _clear(self) -> None:
        for path in self.folder.glob(f"*{SUFFIX}"):
            path.unlink(missing_ok=True)
        self.bytes = folder_bytes(self.home)

    def _give_up(self, error: OSError) -> None:
        if not self.failed:
            log.warning("prefixes are no longer saved in %s (%s)", self.folder, error.strerror)
        self.failed = True

    def _path(self, block: StateBlock) -> Path:
        return self.folder / f"{block.key.hex()}{SUFFIX}"


def state_files(home: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Every saved block of every model, with its size and time."""
    for path in home.glob(f"*/*{SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):
            yield path, path.stat()


def folder_bytes(home: Path) -> int:
    return sum(status.st_size for _, status in state_files(home))


def trim(home: Path, limit: int) -> int:
    """Removes the least recently used files until the others have at most `limit` bytes; returns how many these have."""
    files = sorted(state_files(home), key=lambda pair: pair[1].st_mtime_ns, reverse=True)
    total = 0
    for path, status in files:
        if total + status.st_size > limit:
            path.unlink(missing_ok=True)
        else:
            total += status.st_size
    return total


def remove_stale(home: Path) -> None:
    """What a killed writer left, and what nobody used for long."""
    now = time.time()
    for path, status in state_files(home):
        if now - status.st_mtime > UNUSED_SECONDS:
            path.unlink(missing_ok=True)
    for path in home.glob("*/.*.partial"):
        with contextlib.suppress(FileNotFoundError):
            if now - path.stat().st_mtime > ABANDONED_SECONDS:
                path.unlink()
