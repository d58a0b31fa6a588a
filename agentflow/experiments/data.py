"""The data files of an experiment: found, refused with a reason, or copied as they are now, with their hash."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from agentflow.errors import AgentflowError
from agentflow.experiments.folder import RECORD
from agentflow.text.words import legible

KINDS = (".csv", ".tsv", ".xlsx", ".json", ".jsonl", ".ndjson")
LARGEST = 64_000_000  # bytes of a file
MOST = 20  # files
WHERE = "name a file or folder of the project, or of what --docs names"


class Refused(NamedTuple):
    file: str
    reason: str


def find_data(given: Sequence[str], roots: Sequence[Path]) -> list[Path]:
    """The data files at and beneath the given paths, each beneath one of `roots`; without any, those of the roots behind the
    first, which is the project. Raises AgentflowError for a path elsewhere or nowhere, and where there is no data at all."""
    places = [allowed(name, roots) for name in given] or list(roots[1:])
    files = list(dict.fromkeys(file for place in places for file in _beneath(place)))
    if not files:
        looked = ", ".join(str(place) for place in places) or "no folder: none was named"
        raise AgentflowError(f"no data file in {looked}", f"give one: -i data=FILE, of the kinds {', '.join(KINDS)}")
    if len(files) > MOST:
        raise AgentflowError(f"{len(files)} data files; at most {MOST} are analysed together", "name those that matter")
    if double := _twice(file.name for file in files):
        raise AgentflowError(f"two data files are named {double}", "name one of them")
    return files


def copy_data(files: Sequence[Path], into: Path) -> tuple[dict[str, str], list[Refused]]:
    """Copies files and returns the sha256 of each by name, and what was refused: links, large files, what is no file."""
    into.mkdir(parents=True, exist_ok=True)
    hashes: dict[str, str] = {}
    refused: list[Refused] = []
    for path in files:
        name = plain_name(path)
        try:
            opened = open_data(path)
        except AgentflowError as error:
            refused.append(Refused(name, error.message))
            continue
        with opened as file, (into / name).open("w+b") as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            hashes[name] = hashlib.file_digest(copy, "sha256").hexdigest()
    return hashes, refused


def open_data(path: Path) -> BinaryIO:
    """A plain file of bounded size. Raises AgentflowError: its message is the reason alone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = "is a link: name the file it leads to" if path.is_symlink() else f"cannot be opened ({error.strerror})"
        raise AgentflowError(reason, WHERE) from None
    found = os.fstat(descriptor)
    reason = ""
    if not stat.S_ISREG(found.st_mode):
        reason = "is no plain file"
    elif found.st_size > LARGEST:
        reason = f"has {found.st_size / 1e6:,.0f} MB; at most {LARGEST / 1e6:.0f} MB are analysed: take a sample of it"
    if reason:
        os.close(descriptor)
        raise AgentflowError(reason, WHERE)
    return os.fdopen(descriptor, "rb")


def plain_name(path: Path) -> str:
    """A file's name as it is stored and shown: no blanks at the ends, no control characters, no leading point."""
    name = "".join(char if char.isprintable() and char not in "\\:" else "_" for char in legible(path.name))
    return name.strip().lstrip(".")[-100:] or "data.csv"


def allowed(name: str, roots: Sequence[Path]) -> Path:
    """The path beneath one of `roots`; relative ones are beneath the first. Links on the way are followed first, so that none leads out."""
    path = Path(os.path.abspath(roots[0] / Path(name).expanduser()))
    parent = path.parent.resolve()
    if not any((parent / path.name).is_relative_to(root.resolve()) for root in roots):
        raise AgentflowError(f"{name} lies outside {', '.join(map(str, roots))}", WHERE)
    if not (path.exists() or path.is_symlink()):
        raise AgentflowError(f"there is no data file or folder {name}", f"looked for {path}")
    return path


def _beneath(place: Path) -> Iterable[Path]:
    if place.is_dir() and not place.is_symlink():
        for folder, inner, names in os.walk(place, followlinks=False):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            if RECORD in names:  # an experiment's own copies
                inner.clear()
                continue
            yield from (
                Path(folder, name) for name in sorted(names) if Path(name).suffix.lower() in KINDS and name[0] != "."
            )
    elif place.suffix.lower() in KINDS:
        yield place


def _twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    return next((name for name in names if name in seen or seen.add(name)), "")  # type: ignore[func-returns-value]
