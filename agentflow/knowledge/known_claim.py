"""A claim that the project knows, with its quotes and what a person says of it."""

import time
from dataclasses import dataclass, fields
from typing import Any

from agentflow.research.report.schema import Quoted


@dataclass(frozen=True, slots=True)
class KnownClaim:
    """`run` verified it at `at` (Unix seconds) while it answered `question` with `answer`, for `requested_by`.

    `pinned`, `note` and `correction` are a person's; `said` is when they spoke last, 0 for never. `retracted` is the reason
    why it counts no more, `by_person` who said so.
    """

    id: str
    text: str
    question: str
    answer: str
    run: str
    at: float
    requested_by: str
    quotes: tuple[Quoted, ...]
    pinned: bool = False
    note: str = ""
    correction: str = ""
    said: float = 0.0
    retracted: str = ""
    by_person: bool = False

    @property
    def day(self) -> str:
        return day_of(self.at)

    def to_json(self) -> dict[str, Any]:
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {**values, "quotes": [quote.model_dump(include=set(Quoted.model_fields)) for quote in self.quotes]}


def day_of(at: float) -> str:
    """ISO, UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(at))


def asked_the_same(question: str) -> str:
    """A question as it is compared: without what is no word of it."""
    return " ".join(question.split()).rstrip(" ?.!")
