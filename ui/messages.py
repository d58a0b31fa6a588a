"""What a screen asks of the app: which other screen to open. Only the app knows how screens are made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from textual.message import Message

from .backend import Backend


class Host(Protocol):
    """What a screen uses of the app. `clock` gives seconds since the epoch."""

    backend: Backend
    clock: Callable[[], float]

    def action_known(self, text: str = "") -> None:
        """What earlier runs verified, with the cursor on the claim that says `text`."""


@dataclass
class OpenRun(Message):
    """`question` stands at the top until the run has told its own; `instead` takes the place of the open screen."""

    run: str
    question: str = ""
    instead: bool = False


@dataclass
class OpenReport(Message):
    run: str


@dataclass
class OpenSource(Message):
    """`place` is the document's path with a line or page."""

    place: str
    quote: str
