"""What goes out, item by item, and what is noted of it."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol


class Item(NamedTuple):
    """`cursor` is noted when `body` is published. Without a body it is only noted."""

    key: str
    id: str
    body: dict[str, Any] | None
    cursor: Any


class ItemSource(Protocol):
    def due(self) -> list[Item]:
        """In the order in which they are to be published."""

    def note(self, items: Sequence[Item]) -> None:
        """Inside a transaction: these are published."""
