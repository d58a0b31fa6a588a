"""Which of several files of the same rows holds: the copy and the version that was replaced are left out."""

import os
import re
from collections.abc import Iterable, Sequence

from agentflow.research.tables.table import TableRow

VERSION = re.compile(r"(?:^|[\W_])v(?:ersion)?[\W_]?(\d+)(?=$|[\W_])", re.IGNORECASE)
HOLDS = re.compile(r"(?:^|[\W_])(?:current|final|latest|approved|signed|booked|new)(?=$|[\W_])", re.IGNORECASE)
REPLACED = re.compile(r"(?:^|[\W_])(?:old|superseded|obsolete|archived?|draft|copy|backup)(?=$|[\W_])", re.IGNORECASE)


def freshness(path: str) -> tuple[int, int]:
    """By what its name says: the higher, the more it holds."""
    name = os.path.splitext(os.path.basename(path))[0]
    version = VERSION.search(name)
    return bool(HOLDS.search(name)) - bool(REPLACED.search(name)), int(version[1]) if version else 0


def undated(path: str) -> str:
    """The name without what tells its version, in its folder: those of two years hold each its own."""
    folder = [
        part for part in os.path.dirname(path).lower().split("/") if not (REPLACED.search(part) or HOLDS.search(part))
    ]
    name = os.path.splitext(os.path.basename(path))[0].lower()
    for pattern in (VERSION, HOLDS, REPLACED):
        name = pattern.sub("", name)
    return "/".join([*folder, re.sub(r"[\W_]+", " ", name).strip()])


def holding(rows: Sequence[TableRow]) -> list[TableRow]:
    """Of files with the same columns the rows that hold: of the versions of one name those of the newest, and of a file whose
    rows all stand in another one none."""
    by_file: dict[str, list[TableRow]] = {}
    for row in rows:
        by_file.setdefault(row.passage.path, []).append(row)
    newest: dict[str, str] = {}
    for path in sorted(by_file, key=freshness):
        newest[undated(path)] = path
    kept = set(newest.values())
    told = {path: {tuple(row.cells.values()) for row in by_file[path]} for path in kept}
    for path in sorted(kept, key=lambda path: (len(told[path]), freshness(path), path)):
        if any(told[path] <= told[other] for other in kept if other != path):
            kept.remove(path)
    return [row for row in rows if row.passage.path in kept]


def freshest(rows: Iterable[TableRow]) -> tuple[int, int]:
    return max((freshness(row.passage.path) for row in rows), default=(0, 0))
