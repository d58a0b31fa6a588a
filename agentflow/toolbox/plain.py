"""A tool's result as plain JSON of bounded size: what enters a graph's state must come out of it unchanged."""

import dataclasses
import datetime
import json
import math
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from agentflow.toolbox.errors import ToolFailed

DEEPEST = 40
LARGEST = 2**63 - 1


def plain(value: Any, depth: int = 0) -> Any:
    """JSON that a round trip keeps. Raises ToolFailed for what has no such form."""
    if depth > DEEPEST:
        raise ToolFailed(f"the result is nested deeper than {DEEPEST} levels", "return something flatter")
    match value:
        case None | bool():
            return value
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case int():
            return value if -LARGEST <= value <= LARGEST else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case dict():
            return {str(plain(key)): plain(item, depth + 1) for key, item in value.items()}
        case list() | tuple():
            return [plain(item, depth + 1) for item in value]
        case set() | frozenset():
            return sorted(plain(item, depth + 1) for item in value)
        case BaseModel():
            return plain(value.model_dump(), depth + 1)
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case PurePath():
            return value.as_posix()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value), depth + 1)
    raise ToolFailed(f"the result holds a {type(value).__name__}", "return text, numbers, lists or mappings")


def cut(value: Any, size: int) -> tuple[Any, bool]:
    """The value, or the head of its text when its JSON is longer than `size` bytes."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    raw = text.encode()
    if len(raw) <= size:
        return value, False
    return raw[:size].decode("utf-8", "ignore") + f" … [cut: {len(raw):,} bytes, {size:,} allowed]", True
