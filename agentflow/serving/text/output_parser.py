"""The model's text, sorted into answer, thinking and tool calls while it streams."""

from dataclasses import dataclass, field
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.serving.text.tool_parser import ToolFormat, read_calls
from agentflow.serving.text.vocab import longest_overlap

THINK, THINK_END = "<think>", "</think>"


@dataclass(slots=True)
class Delta:
    """What became known: at most one of the three is set."""

    content: str = ""
    reasoning: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)


class AnswerParser:
    """`thinking`: the prompt ended inside a think block. `form` None: tool calls are not looked for. `raw`: the text goes on
    as it is."""

    def __init__(self, thinking: bool = False, form: ToolFormat | None = None, *, raw: bool = False) -> None:
        self.form = form
        self.state = "content" if raw else "reasoning" if thinking else "start"
        self.held = ""

    def push(self, text: str) -> list[Delta]:
        self.held += text
        deltas: list[Delta] = []
        while (delta := self._next()) is not None:
            if delta.content or delta.reasoning or delta.calls:
                deltas.append(delta)
        return deltas

    def close(self, *, cut: bool = False) -> list[Delta]:
        """The answer is over: what was held back is what it looks like. `cut` at its limit of tokens: half a call, which
        nobody can use, is left out."""
        text, self.held = self.held, ""
        if not text:
            return []
        if self.state == "reasoning":
            return [Delta(reasoning=text)]
        if self.state == "call" or (self.form is not None and not self.form.begin):
            call = self._call(text)
            begun = self.state == "call" or text.lstrip().startswith(("{", "["))
            return [] if cut and begun and not call.calls else [call]
        return [] if cut and self.form is not None else [Delta(content=text)]

    def _next(self) -> Delta | None:
        """One move of the automaton; None when more text is needed."""
        if self.state == "start":
            return self._open()
        if self.state == "reasoning":
            return self._until(THINK_END, "reasoning", "content")
        if self.state == "call":
            return self._close_call()
        if self.form is not None and not self.form.begin:
            return None  # the whole answer may be a call: wait for its end
        if self.form is None:
            text, self.held = self.held, ""
            return Delta(content=text) if text else None
        return self._until(self.form.begin.strip(), "content", "call")

    def _open(self) -> Delta | None:
        head = self.held.lstrip()
        if head.startswith(THINK):
            self.held, self.state = head[len(THINK) :], "reasoning"
            return Delta()
        if THINK.startswith(head):
            return None
        self.state = "content"
        return Delta()

    def _until(self, mark: str, kind: str, then: str) -> Delta | None:
        at = self.held.find(mark)
        if at >= 0:
            text, self.held, self.state = self.held[:at], self.held[at + len(mark) :], then
            if then == "content":
                self.held = self.held.lstrip("\n")
            return delta_of(kind, text.rstrip("\n") if then == "call" else text)
        keep = longest_overlap(self.held, mark)
        text, self.held = self.held[: len(self.held) - keep], self.held[len(self.held) - keep :]
        return delta_of(kind, text) if text else None

    def _close_call(self) -> Delta | None:
        assert self.form is not None
        end = self.form.end.strip()
        if not end or (at := self.held.find(end)) < 0:
            return None
        text, self.held, self.state = self.held[:at], self.held[at + len(end) :].lstrip("\n"), "content"
        return self._call(text)

    def _call(self, text: str) -> Delta:
        assert self.form is not None
        try:
            calls = read_calls(text, self.form)
        except AgentflowError:
            return Delta(content=text if not self.form.begin else self.form.begin + text)
        return Delta(calls=calls)


def delta_of(kind: str, text: str) -> Delta:
    return Delta(reasoning=text) if kind == "reasoning" else Delta(content=text)
