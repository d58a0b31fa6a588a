"""Cases and the documents they are asked about: read from JSONL or CSV, or made by a loader in `evals/`."""

import csv
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentflow.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a data set. Which `fields` a scorer reads is said in the scorer's docstring."""

    id: str
    fields: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.fields.get(name, default)


@dataclass(frozen=True, slots=True)
class CorpusDocument:
    """A document of a corpus that is not a folder of files. `id` becomes the file's stem, in a folder of that name if given."""

    id: str
    title: str
    text: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """`corpus` is a folder, or documents that are written to one; empty: the cases bring all they need."""

    cases: list[Case]
    corpus: Path | Sequence[CorpusDocument] = field(default_factory=tuple)


def read_cases(path: Path) -> list[Case]:
    """Rows of a JSONL or CSV file, or of each file that a glob names. Raises ConfigError with the line at fault."""
    files = sorted(path.parent.glob(path.name)) if any(sign in path.name for sign in "*?[") else [path]
    if not files:
        raise ConfigError(f"{path}:1:1: no file matches", "check the pattern")
    return as_cases((row for file in files for row in rows(file)), path)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of one file, as dicts. Lines are split at newlines only: texts contain other Unicode line breaks."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix == ".csv":
                yield from csv.DictReader(file)
                return
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _row(line, path, number)
    except OSError as error:
        raise ConfigError(f"{path}:1:1: cannot be read: {error.strerror}", "see `agentflow eval data`") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}:1:1: not UTF-8 text", "save the file as UTF-8") from error


def _row(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line.rstrip())
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{number}:{error.colno}: not JSON: {error.msg}", "one object a line") from error
    if not isinstance(row, dict):
        raise ConfigError(f"{path}:{number}:1: not a JSON object", "one object a line")
    return row


def as_cases(items: Iterable[dict[str, Any]], path: Path) -> list[Case]:
    """Cases with unique ids; a row without an `id` gets its number."""
    cases = [Case(str(row.get("id", number)), row) for number, row in enumerate(items, 1)]
    seen: set[str] = set()
    for number, case in enumerate(cases, 1):
        if case.id in seen:
            raise ConfigError(f"{path}:{number}:1: the id '{case.id}' occurs twice", "give every case its own id")
        seen.add(case.id)
    if not cases:
        raise ConfigError(f"{path}:1:1: holds no cases", "write one JSON object a line")
    return cases


def choose(cases: list[Case], *, limit: int | None, sample: int | None, seed: int) -> list[Case]:
    """A random sample in file order, then the first `limit`. The same seed draws the same cases."""
    if sample is not None and sample < len(cases):
        picked = sorted(random.Random(seed).sample(range(len(cases)), sample))
        cases = [cases[index] for index in picked]
    return cases[:limit]
