"""A draft: tokens that are verified in one batch, and who proposes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True)
class Draft:
    """Proposed tokens that follow the pending one, and the drafter they came from."""

    tokens: list[int]
    source: str


class Drafter(Protocol):
    """A guess at what an answer writes next. A wrong one costs time, never changes the answer."""

    def propose(self, tokens: Sequence[int], limit: int) -> list[int]:
        """At most `limit` tokens to follow `tokens` (the prompt and the answer so far); empty when it knows none."""
        ...
