"""A run as spans, named by the GenAI semantic conventions (v0.1.0): the workflow, its steps, chat and tool calls.

Made of the stored feed after it ran, so that tracing costs a run nothing. Nothing that a person or a model wrote is in them,
unless `content` asks for it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from agentflow.events import (
    Event,
    ModelAnswered,
    ModelCalled,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
    ToolCalled,
    ToolReturned,
)
from agentflow.runs.calls import calls
from agentflow.runs.event_log import read
from agentflow.runs.store import RunStore
from agentflow.telemetry.span import Kind, Span, Value
from agentflow.telemetry.traceparent import RunTrace

PROVIDER = "agentflow"
CUT_OFF = {"agentflow.cut_off": True}
Key = tuple[str, str]


def spans_of(store: RunStore, run: str, *, latest: bool = False, content: bool = False) -> list[Span]:
    """All that has happened; `latest`: since it came to an end or a pause before, so that each is sent once."""
    trace = RunTrace.of(run, store.load(run).trace)
    spans = Spans(trace, dict(_answers(store, run)) if content else None)
    for entry in read(store, run):
        if latest and isinstance(entry.event, RunStarted) and not spans.open:
            spans.done.clear()
        spans.take(entry.event)
    spans.close()
    return spans.done


def _answers(store: RunStore, run: str) -> Iterator[tuple[str, list[str]]]:
    """Call to the texts that it was answered with."""
    counted: Counter[str] = Counter()
    for call in calls(store, run, kind="model"):
        counted[call.step] += 1
        found = call.result.get("answers", []) if call.result else []
        yield f"{call.step}-{counted[call.step]}", [answer["text"] for answer in found]


class Spans:
    """Opens and closes spans as the feed tells; what never ended (a crash) ends with the last event seen. `answers` by call
    asks for content."""

    def __init__(self, trace: RunTrace, answers: Mapping[str, list[str]] | None = None) -> None:
        self.trace = trace
        self.answers = answers
        self.open: dict[Key, Span] = {}
        self.begun: Counter[Key] = Counter()
        self.done: list[Span] = []
        self.stretch = 0
        self.last = 0.0

    def take(self, event: Event) -> None:
        before, self.last = self.last, max(self.last, event.at)
        match event:
            case RunStarted():
                self._cut_off(before)
                self.stretch += 1
                self._start("run", str(self.stretch), f"invoke_workflow {event.graph}", event, "internal", {
                    "gen_ai.operation.name": "invoke_workflow", "gen_ai.agent.name": event.graph,
                    "gen_ai.conversation.id": event.run, "agentflow.resumed": event.resumed,
                    **self._messages("gen_ai.input.messages", "user", [str(event.inputs.get("question", ""))]),
                })  # fmt: skip
            case RunEnded():
                self._end("run", str(self.stretch), event, {"agentflow.status": str(event.status)})
            case StepStarted():
                self._start("step", event.step, f"step {event.node}", event, "internal", {
                    "agentflow.step": event.step, "agentflow.node": event.node,
                    **({"agentflow.label": event.label} if self.answers is not None else {}),
                })  # fmt: skip
            case StepEnded():
                self._end("step", event.step, event, {}, event.error)
            case ModelCalled():
                self._start("call", event.call, f"chat {event.model}", event, "client", {
                    "gen_ai.operation.name": "chat", "gen_ai.provider.name": PROVIDER,
                    "gen_ai.request.model": event.model, "gen_ai.conversation.id": event.run,
                    "agentflow.role": event.role, **self._messages("gen_ai.input.messages", "user", [event.prompt]),
                })  # fmt: skip
            case ModelAnswered():
                said = (self.answers or {}).get(event.call, [])
                self._end("call", event.call, event, {
                    "gen_ai.response.model": event.model, "gen_ai.usage.input_tokens": event.prompt_tokens,
                    "gen_ai.usage.output_tokens": event.completion_tokens,
                    "gen_ai.usage.cache_read.input_tokens": event.cached_tokens,
                    "gen_ai.response.time_to_first_chunk": event.first_token, "agentflow.replayed": event.replayed,
                    "agentflow.drafted": event.drafted, "agentflow.accepted": event.accepted,
                    **self._messages("gen_ai.output.messages", "assistant", said),
                })  # fmt: skip
            case ToolCalled():
                self._start("call", event.call, f"execute_tool {event.tool}", event, "internal", {
                    "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": event.tool,
                    "gen_ai.tool.call.id": event.call, "gen_ai.tool.type": "function",
                    **({"gen_ai.tool.call.arguments": json.dumps(event.arguments)} if self.answers is not None else {}),
                })  # fmt: skip
            case ToolReturned():
                self._end("call", event.call, event, {}, event.error)

    def close(self) -> None:
        self._cut_off(self.last)

    def _cut_off(self, at: float) -> None:
        """What is open belongs to a process that is gone."""
        for key in reversed(list(self.open)):
            self._finish(key, at, CUT_OFF)

    def _messages(self, name: str, role: str, texts: Iterable[str]) -> dict[str, Value]:
        """Messages as an attribute, where content is asked for."""
        if self.answers is None:
            return {}
        messages = [{"role": role, "parts": [{"type": "text", "content": text}]} for text in texts if text]
        return {name: json.dumps(messages, ensure_ascii=False)} if messages else {}

    def _start(self, what: str, id: str, name: str, event: Event, kind: Kind, attributes: Mapping[str, Value]) -> None:
        key = (what, id)
        if key in self.open:
            self._finish(key, event.at, CUT_OFF)
        again = (str(self.begun[key]),) if self.begun[key] else ()  # the first has the id that its calls name
        self.begun[key] += 1
        run, step = self.open.get(("run", str(self.stretch))), self.open.get(("step", event.step))
        above = None if what == "run" else step if what == "call" and step else run
        parent = above.here if above else self.trace.parent
        self.open[key] = Span(name, kind, self.trace.span(*key, *again), parent, event.at, event.at, attributes)

    def _end(self, what: str, id: str, event: Event, attributes: Mapping[str, Value], error: str = "") -> None:
        kind = error.partition(":")[0]  # what follows is text
        self._finish((what, id), event.at, attributes, kind if not kind or kind.isidentifier() else "_OTHER")

    def _finish(self, key: tuple[str, str], at: float, attributes: Mapping[str, Value], error: str = "") -> None:
        if span := self.open.pop(key, None):
            self.done.append(replace(span, end=at, attributes={**span.attributes, **attributes}, error=error))
