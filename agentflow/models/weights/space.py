"""Free space for a large file: looked for before it is written, and named when it runs out all the same."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentflow.errors import CannotWrite

HINT = "free some space, or name a cache on another disk with AGENTFLOW_CACHE (for the hub's files: HF_HOME)"


def require_space(folder: Path, need: int, what: str) -> None:
    """Raises CannotWrite when the disk of `folder` has less than `need` bytes free."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < need:
        raise CannotWrite(
            f"no space for {what}: {need / 1e6:,.0f} MB are needed in {folder}, {free / 1e6:,.0f} MB are free", HINT
        )


def is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def writing(folder: Path, what: str) -> Iterator[None]:
    """Errors of the disk as CannotWrite."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise CannotWrite(f"no space left for {what} in {folder}", HINT) from error
        raise CannotWrite(
            f"cannot write {what} in {folder} ({error.strerror})",
            "check its permissions, or name another cache with AGENTFLOW_CACHE",
        ) from error
