"""What the checks of `clients.py` share: the server that they ask, and what they ask it."""

from collections.abc import Callable
from typing import Any, NamedTuple

MESSAGES: Any = [{"role": "user", "content": "What is the capital of France?"}]
SCHEMA: Any = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "maxLength": 12},
        "people": {"type": "integer", "minimum": 0, "maximum": 99},
    },
    "required": ["city", "people"],
    "additionalProperties": False,
}
TOOL: Any = {"type": "function", "function": {"name": "look_up", "description": "Looks up", "parameters": SCHEMA}}


class Server(NamedTuple):
    url: str
    key: str
    model: str
    embedder: str


Checks = dict[str, Callable[[], object]]


def expect(holds: object, what: str) -> None:
    if not holds:
        raise AssertionError(what)
