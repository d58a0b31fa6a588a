"""What changes under folders while one looks on: the paths, or that some change may have been missed."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from agentflow.corpus.files.files import JUNK
from agentflow.corpus.files.ignore import FILES
from agentflow.errors import AgentflowError
from agentflow.events import Note, Sink

Mark = tuple[int, ...] | None

TICK = 500  # milliseconds between two looks at the roots themselves
SETTLED = 100  # milliseconds without a change that end a batch
LONGEST = 1000  # milliseconds that a batch is gathered for
RESCAN = (
    3600.0  # seconds until all is looked at again: a file system may lose changes, or tell of none (network drives)
)


class Changes:
    """An async iterator of absolute paths at and under which something changed; None says: look at everything.

    The first is None, given once the system tells of changes: what changes after it is not missed. `roots` may vanish and
    come back. What lies in hidden folders, caches and `state` is not told.
    """

    def __init__(self, roots: Sequence[Path], state: Path, *, sink: Sink, rescan: float = RESCAN) -> None:
        self.roots = list(roots)
        self.state = state
        self.sink = sink
        self.rescan = rescan
        self.due = 0.0
        self.polling = False

    def again(self, seconds: float = 0.0) -> None:
        """All is to be looked at in so many seconds."""
        self.due = min(self.due, time.monotonic() + seconds)

    async def __aiter__(self) -> AsyncIterator[frozenset[Path] | None]:
        while True:
            self.due = 0.0
            marks = {root: mark(root) for root in self.roots}
            async with aclosing(self._system()) as told:
                async for changed in told:
                    now = {root: mark(root) for root in self.roots}
                    touched = {root for root in self.roots if now[root] != marks[root]}
                    if any(len(now[root] or ()) != 3 for root in touched):
                        break  # the system still looks at the folder that was there before
                    if time.monotonic() >= self.due:
                        self.due = time.monotonic() + self.rescan
                        yield None
                    elif changed := changed | touched:
                        yield frozenset(changed)
                    marks = now

    async def _system(self) -> AsyncGenerator[set[Path], None]:
        """What the system tells below the folders, empty sets in between. Raises AgentflowError when it cannot look."""
        from watchfiles import awatch
        from watchfiles._rust_notify import WatchfilesRustInternalError

        folders = {Path(os.path.realpath(root)): root for root in self.roots if root.is_dir()}
        while not folders:
            await asyncio.sleep(TICK / 1000)
            yield set()
        told = awatch(
            *folders, watch_filter=None, debounce=LONGEST, step=SETTLED, rust_timeout=TICK, yield_on_timeout=True,
            force_polling=self.polling or None, ignore_permission_denied=True,
        )  # fmt: skip
        try:
            async with aclosing(told):
                async for changes in told:
                    yield {path for _, name in changes if (path := self._wanted(Path(name), folders))}
        except FileNotFoundError:
            await asyncio.sleep(TICK / 1000)  # a root went away this very moment
        except (OSError, WatchfilesRustInternalError) as error:
            if self.polling:
                raise AgentflowError(
                    f"cannot watch {self.roots[0]} ({error})", "run agentflow ingest instead"
                ) from error
            self.polling = True
            text = f"the system cannot watch so many folders ({error}): their files are looked at in turn"
            self.sink(Note(text=text, level="warning"))

    def _wanted(self, path: Path, folders: Mapping[Path, Path]) -> Path | None:
        """The path as the corpus names it; of a file of rules its folder."""
        for real, root in folders.items():
            if path.is_relative_to(real):
                inner = path.relative_to(real)
                named = root / inner
                if not inner.parts or named.is_relative_to(self.state) or any(map(_left_out, inner.parts[:-1])):
                    return None
                if inner.name in FILES:
                    return named.parent
                return None if _left_out(inner.name) else named
        return None


def _left_out(name: str) -> bool:
    return name.startswith(".") or name in JUNK


def mark(path: Path) -> Mark:
    """What another folder or file in its place would change; of a file, its content too (three numbers)."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    if path.is_dir():
        return (status.st_dev, status.st_ino)
    return (status.st_ino, status.st_size, status.st_mtime_ns)
