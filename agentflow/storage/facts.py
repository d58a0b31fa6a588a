"""What was found out once and is kept in the user's cache: a small JSON file for each fact, named by what it depends on."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from agentflow.storage.files import write_whole


def recall(folder: Path, *known: object) -> Any:
    """What was kept for the same `known`; None when nothing was, or when it cannot be read."""
    with suppress(OSError, ValueError):
        return json.loads(_path(folder, known).read_text("utf-8"))
    return None


def keep(folder: Path, fact: Any, *known: object) -> None:
    """Written whole or not at all, for this user alone; a cache that cannot be written to keeps nothing."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(_path(folder, known), json.dumps(fact, indent=1) + "\n")


def _path(folder: Path, known: tuple[object, ...]) -> Path:
    return folder / f"{hashlib.sha256(repr(list(known)).encode()).hexdigest()[:32]}.json"
