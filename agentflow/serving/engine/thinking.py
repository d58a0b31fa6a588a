"""A limit of thinking: after so many tokens the think block is closed by force, and the answer begins."""

from dataclasses import dataclass
from typing import Literal

from agentflow.serving.text.output_parser import THINK, THINK_END
from agentflow.serving.text.vocab import Vocab


@dataclass(slots=True)
class ThinkingLimit:
    """`state`: before anything was written, inside the block, closing it by force, in the answer."""

    left: int
    closing: list[int]
    state: Literal["before", "inside", "closing", "answer"] = "before"
    seen: str = ""

    @classmethod
    def of(cls, tokens: int, vocab: Vocab, inside: bool) -> "ThinkingLimit":
        """`inside`: the prompt itself opened the block."""
        end = vocab.specials.get(THINK_END)
        closing = vocab.tokenize("\n") + ([end] if end is not None else vocab.tokenize(THINK_END))
        return cls(tokens, closing, "inside" if inside else "before")

    def forced(self) -> int | None:
        """The token that must come next, if the limit is reached."""
        if self.state == "inside" and self.left <= 0:
            self.state = "closing"
        return self.closing[0] if self.state == "closing" else None

    def wrote(self, token: int, text: str) -> None:
        """A token of the answer, and the text that became final with it."""
        if self.state == "closing":
            if self.closing and token == self.closing[0]:
                del self.closing[0]
            if not self.closing:
                self.state = "answer"
        elif self.state == "inside":
            self.left -= 1
            self.seen = (self.seen + text)[-2 * len(THINK_END) :]
            if THINK_END in self.seen:
                self.state = "answer"
        elif self.state == "before":
            self.seen = (self.seen + text).lstrip()
            if self.seen.startswith(THINK):
                self.state, self.seen = "inside", ""
            elif not THINK.startswith(self.seen[: len(THINK)]):
                self.state = "answer"
