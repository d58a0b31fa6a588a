"""Files beneath one folder, opened name by name without following links: no path leads out of it (OWASP ASI02)."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agentflow.toolbox.errors import ToolRefused

LONGEST = 255  # bytes of one name
DEEPEST = 16


def parts(path: str) -> list[str]:
    """The names of a relative path. Raises ToolRefused for one that leads elsewhere or cannot be shown honestly."""
    names = path.split("/")
    if path.startswith("/") or "\\" in path or (len(path) > 1 and path[1] == ":"):
        raise ToolRefused(f"{path!r} is not a relative path", "name a file beneath the folder")
    for name in names:
        if name in ("", ".", ".."):
            raise ToolRefused(f"{path!r} leads out of the folder or nowhere", "name a file beneath the folder")
        if not name.isprintable() or name != name.strip() or name.startswith(".") or len(name.encode()) > LONGEST:
            raise ToolRefused(f"{path!r} holds a hidden, too long or unprintable name", "use plain names")
    if len(names) > DEEPEST:
        raise ToolRefused(f"{path!r} is nested deeper than {DEEPEST} folders", "use fewer folders")
    return names


@contextmanager
def beneath(root: Path, path: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
    """The open folder that holds the file, as a descriptor, and the file's name in it.

    Each folder on the way is opened relative to the one before with O_NOFOLLOW, so that swapping one for a link
    between check and use changes nothing.
    """
    names = parts(path)
    if create:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ToolRefused(f"there is no folder {root}", "write a file there first") from None
    try:
        for name in names[:-1]:
            folder = _enter(folder, name, path, create)
        yield folder, names[-1]
    finally:
        os.close(folder)


def _enter(folder: int, name: str, path: str, create: bool) -> int:
    if create:
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=folder)
    try:
        inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise ToolRefused(f"{path!r}: {name} is no folder beneath it ({error.strerror})", "use plain folders") from None
    os.close(folder)
    return inner


def write_beneath(root: Path, path: str, text: str) -> int:
    """Writes a whole new or replaced file; bytes written. Raises ToolRefused when the name is taken by a link."""
    data = text.encode("utf-8", "replace")
    with beneath(root, path, create=True) as (folder, name):
        if _kind(folder, name) not in (0, stat.S_IFREG):
            raise ToolRefused(f"{path!r} exists and is no plain file", "choose another name")
        partial = f".{name[:200]}.partial"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(partial, flags, 0o600, dir_fd=folder), "wb") as file:
            file.write(data)
        os.replace(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
    return len(data)


def open_beneath(root: Path, path: str) -> int:
    """A descriptor of a plain file for reading. Raises ToolRefused for links, devices and what is not there."""
    with beneath(root, path) as (folder, name):
        try:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except OSError as error:
            raise ToolRefused(
                f"cannot open {path!r} ({error.strerror})", "name a plain file beneath the folder"
            ) from None
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise ToolRefused(f"{path!r} is no plain file", "name a plain file beneath the folder")
        return file


def _kind(folder: int, name: str) -> int:
    """The file type bits, 0 when there is none."""
    try:
        return stat.S_IFMT(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return 0
