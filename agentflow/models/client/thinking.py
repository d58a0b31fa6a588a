"""Thinking inside <think> tags, told apart from the answer while it streams."""

from typing import Literal

from agentflow.models.client.types import Reasoning, Text

OPEN, CLOSE = "<think>", "</think>"


class Thinking:
    """Holds back only what may still become a tag, so that text is passed on at once."""

    def __init__(self) -> None:
        self.state: Literal["start", "inside", "answer"] = "start"
        self.held = ""

    def feed(self, piece: str) -> list[Text | Reasoning]:
        self.held += piece
        events: list[Text | Reasoning] = []
        if self.state == "start":
            begin = self.held.lstrip()
            if len(begin) < len(OPEN) and OPEN.startswith(begin):
                return []
            self.state = "inside" if begin.startswith(OPEN) else "answer"
            self.held = begin.removeprefix(OPEN) if self.state == "inside" else self.held
        if self.state == "inside":
            thought, tag, rest = self.held.partition(CLOSE)
            ready = len(thought) if tag else len(self.held) - _overlap(self.held)
            events.append(Reasoning(self.held[:ready]))
            self.held = rest.lstrip("\n") if tag else self.held[ready:]
            self.state = "answer" if tag else "inside"
        if self.state == "answer":
            events.append(Text(self.held))
            self.held = ""
        return [event for event in events if event.text]

    def end(self) -> list[Text | Reasoning]:
        """What was held back at the end of the stream."""
        if not self.held:
            return []
        return [Reasoning(self.held) if self.state == "inside" else Text(self.held)]


def _overlap(text: str) -> int:
    """Length of the longest end of `text` that begins the closing tag."""
    return next((size for size in range(min(len(text), len(CLOSE) - 1), 0, -1) if CLOSE.startswith(text[-size:])), 0)
