"""The files under the folders a person names, and the reasons why some are left out."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentflow.errors import AgentflowError

JUNK = {"__pycache__", "node_modules", "site-packages", ".agentflow"}
LARGEST = 50_000_000  # bytes; above it the text alone would outgrow a laptop's memory in the process that cuts it


@dataclass(slots=True)
class Found:
    """`roots` are the named folders and files, absolute; `failed` pairs a path with the reason."""

    roots: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    failed: list[tuple[Path, str]] = field(default_factory=list)


def find_files(paths: Sequence[Path], *, state: Path) -> Found:
    """Hidden files and folders, caches, `state` and links that lead out of a root are left out.

    Raises AgentflowError for a path that does not exist.
    """
    found = Found()
    for named in paths:
        root = Path(os.path.abspath(named))
        if not root.exists():
            raise AgentflowError(f"no such file or folder: {named}", f"looked for {root}")
        found.roots.append(root)
        if root.is_dir():
            _walk(root, found, state)
        else:
            found.files.append(root)
    found.files = sorted(set(found.files))
    return found


def _walk(root: Path, found: Found, state: Path) -> None:
    def refused(error: OSError) -> None:
        found.failed.append((Path(error.filename), f"cannot be listed: {error.strerror}"))

    inside = root.resolve()
    for folder, folders, names in os.walk(root, onerror=refused):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in JUNK and here / name != state and not (here / name).is_symlink()
        )
        for name in sorted(names):
            path = here / name
            if name.startswith(".") or name.endswith("~"):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                found.failed.append((path, "a link that leads out of the folder"))
            else:
                found.files.append(path)


def read_bytes(path: Path) -> tuple[bytes, float]:
    """Content and time of change. Raises OSError, or ValueError with a reason for what is not a file of sane size."""
    with open(path, "rb", opener=_opener) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        if status.st_size > LARGEST:
            raise ValueError(
                f"{status.st_size / 1e6:,.0f} MB is more than the limit of {LARGEST / 1e6:.0f} MB: split it"
            )
        return file.read(LARGEST + 1), status.st_mtime


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a named pipe would wait for its writer for ever
