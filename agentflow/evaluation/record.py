"""What one case under one variant came to; kept as a line of JSONL that survives a kill."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agentflow.status import RunStatus
from agentflow.storage.files import write_whole

Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Record:
    """`usage` counts tokens by kind, and calls. A score of None does not apply to the case.

    `problems` maps a scorer that raised to its message: the case counts as not scored by it.
    """

    variant: str
    case: str
    repeat: int = 0
    run: str = ""
    status: RunStatus = RunStatus.DONE
    output: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    model: str = ""
    message: str = ""
    scores: dict[str, float | None] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    slices: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", RunStatus(self.status))  # text, where it was read from a file

    @property
    def key(self) -> Key:
        return (self.variant, self.case, self.repeat)

    def metrics(self) -> dict[str, float | None]:
        """The scores and what they cost. Acceptance and cache share are None when nothing was drafted or asked."""
        prompt, drafted = self.usage.get("prompt", 0), self.usage.get("drafted", 0)
        return {
            **self.scores,
            "tokens": prompt + self.usage.get("completion", 0),
            "model_calls": self.usage.get("calls", 0),
            "seconds": self.seconds,
            "cached": self.usage.get("cached", 0) / prompt if prompt else None,
            "acceptance": self.usage.get("accepted", 0) / drafted if drafted else None,
        }


FAILED = (RunStatus.FAILED, RunStatus.ERROR, RunStatus.CANCELLED, RunStatus.PAUSED)
"""Runs without a result. They count as wrong, and are tried again when an unfinished evaluation goes on."""
COSTS = ("tokens", "model_calls", "seconds", "cached", "acceptance")


class Records:
    """The JSONL file of one evaluation: appended to, each line flushed to disk before the next case starts."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> list[Record]:
        """Every whole line, the last one of a key winning. A line cut off by a kill is the end of the file."""
        return list({record.key: record for record in self._lines()}.values())

    def _lines(self) -> Iterator[Record]:
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8") as file:
            for line in file:
                if not line.endswith("\n"):
                    return
                yield Record(**json.loads(line))

    def append(self, record: Record) -> None:
        line = json.dumps(asdict(record), ensure_ascii=False, default=str) + "\n"
        with self.path.open("ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    def repair(self) -> None:
        """Cuts a torn last line away, so that what is appended starts on its own line."""
        if self.path.exists() and not self._whole():
            data = self.path.read_bytes()
            with self.path.open("r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)

    def _whole(self) -> bool:
        with self.path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def replace(self, records: list[Record]) -> None:
        """Writes all lines, or none: a temporary file, then renamed."""
        lines = (json.dumps(asdict(record), ensure_ascii=False, default=str) for record in records)
        write_whole(self.path, "".join(f"{line}\n" for line in lines))
