"""A claim that the project knows, with its quotes and what a person says of it."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownQuote:
    """`quote` stands at `start` of the text of `path` while that file's hash is `sha256`; `line` counts from 1."""

    quote: str
    path: str
    sha256: str
    start: int
    line: int
    page: int | None
    part: str

    @property
    def place(self) -> tuple[str, str, int]:
        return self.path, self.sha256, self.start


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
    quotes: tuple[KnownQuote, ...]
    pinned: bool = False
    note: str = ""
    correction: str = ""
    said: float = 0.0
    retracted: str = ""
    by_person: bool = False

    @property
    def day(self) -> str:
        return day_of(self.at)


def day_of(at: float) -> str:
    """ISO, UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(at))


def asked_the_same(question: str) -> str:
    """A question as it is compared: without what is no word of it."""
    return " ".join(question.split()).rstrip(" ?.!")
