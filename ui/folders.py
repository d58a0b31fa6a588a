"""Folders a person may want to add, with how much there is to read in each."""

import os
from pathlib import Path
from typing import NamedTuple

SUFFIXES = frozenset(
    ".txt .md .rst .html .htm .pdf .docx .csv .tsv .json .jsonl .py .js .ts .c .h .cpp .go .rs .java .tex .org .log .yaml .yml .toml".split()
)
MOST = 3_000  # entries looked at for one count


class FolderChoice(NamedTuple):
    """`files` is how many readable files lie below (`more`: at least that many)."""

    path: Path
    files: int
    more: bool


def readable(path: Path) -> FolderChoice:
    """Counts files by suffix; hidden folders are left out."""
    if path.is_file():
        return FolderChoice(path, 1, False)
    files = seen = 0
    for _, folders, names in os.walk(path):
        folders[:] = [
            name for name in folders if not name.startswith(".") and name not in ("node_modules", "__pycache__")
        ]
        files += sum(os.path.splitext(name)[1].lower() in SUFFIXES for name in names)
        seen += len(names) + len(folders)
        if seen > MOST:
            return FolderChoice(path, files, True)
    return FolderChoice(path, files, False)


def choices(root: Path) -> list[FolderChoice]:
    """The project's folder, its neighbours and the usual places, those with something to read first."""
    home = Path.home()
    usual = [home / name for name in ("Documents", "papers", "Papers", "notes", "Notes", "Downloads")]
    near = (
        [path for path in sorted(root.parent.iterdir()) if path.is_dir() and not path.name.startswith(".")]
        if _listable(root.parent)
        else []
    )
    unique = dict.fromkeys(path.resolve() for path in [root, *near[:12], *usual, Path.cwd()] if path.is_dir())
    found = [readable(path) for path in unique]
    return sorted(
        (choice for choice in found if choice.files), key=lambda choice: (choice.path != root.resolve(), -choice.files)
    )[:12]


def completions(typed: str) -> list[FolderChoice]:
    """What the typed path may go on to."""
    path = Path(typed).expanduser()
    folder, start = (path, "") if typed.endswith("/") else (path.parent, path.name)
    if not folder.is_dir() or not _listable(folder):
        return []
    names = sorted(
        item
        for item in folder.iterdir()
        if item.name.startswith(start) and (start.startswith(".") or not item.name.startswith("."))
    )
    usable = [item for item in names if item.is_dir() or item.suffix.lower() in SUFFIXES]
    here = [path] if path.is_dir() and path not in usable else []
    return [readable(item) for item in [*here, *usable][:12]]


def _listable(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK)
