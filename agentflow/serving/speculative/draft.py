"""A draft: tokens that are verified in one batch."""

from dataclasses import dataclass


@dataclass(slots=True)
class Draft:
    """Proposed tokens that follow the pending one, and the drafter they came from."""

    tokens: list[int]
    source: str
