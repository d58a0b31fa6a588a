"""Every model and tool call of a run, written down before it is made and after it returned.

A step that is entered again after a crash gets its recorded results. An effect that must not be repeated (`once`) and
whose outcome is unknown stops the run and asks a person: at least once, never lost, never twice in silence.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from langgraph.errors import GraphBubbleUp

from agentflow.budget import Budget
from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Event, Sink
from agentflow.runs.batch import AnswerBatch
from agentflow.runs.blobs import compact, digest
from agentflow.runs.calls import Call, drop, insert, key_of, load, seal_of, squeeze
from agentflow.runs.capture import EventCapture
from agentflow.runs.errors import Diverged
from agentflow.runs.event_log import Feed
from agentflow.runs.serializer import plain
from agentflow.runs.step import current_attempt, current_step
from agentflow.runs.store import RunStore
from agentflow.telemetry.traceparent import RunTrace, within

Kind = Literal["model", "tool", "read"]
Perform = Callable[[], Awaitable[dict[str, Any]]]


class CallRequest(NamedTuple):
    """A call as a step makes it: the `nth` with this hash. A `read` changes nothing, so it has no intent row."""

    kind: Kind
    name: str
    step: str
    once: bool
    request: str
    hashed: str
    nth: int

    def key(self, run: str) -> str:
        return key_of(run, self.step, self.hashed, self.nth)

    def row(self, run: str) -> dict[str, Any]:
        """As it is stored before it is made."""
        return {"key": self.key(run), "run": run, "step": self.step, "nth": self.nth, "kind": self.kind,
                "name": self.name, "once": int(self.once), "request": squeeze(self.request), "state": "intent",
                "result": None, "events": None, "started": time.time(), "seconds": None}  # fmt: skip


class Recorded(NamedTuple):
    """An earlier run whose results may stand in. `replay`: for every call, and none else may be made. Otherwise it is
    the parent of a fork, whose `once` effects are not repeated."""

    store: RunStore
    run: str
    replay: bool = False


class Journal:
    """One run's calls, and the events that are sent while they are made."""

    def __init__(
        self, feed: Feed, budget: Budget, sink: Sink, recorded: Recorded | None = None, trace: RunTrace | None = None
    ) -> None:
        self.feed = feed
        self.store = feed.lease.store
        self.run = feed.lease.run
        self.budget = budget
        self.events = EventCapture(sink)
        self.recorded = recorded
        self.trace = trace or RunTrace(self.run, None)
        self.seen: Counter[tuple[str, int, str]] = Counter()

    async def call(
        self, kind: Kind, name: str, request: dict[str, Any], perform: Perform, *, once: bool = False
    ) -> tuple[dict[str, Any], bool]:
        """(result, whether it was recorded before). Raises what a recorded call raised, Unknown for an effect that may
        have been made, Diverged for a call that a replay has not recorded."""
        asked = self.request(kind, name, request, once=once)
        if (found := self.recorded_result(asked)) is not None:
            return found, self.repeats
        with self.making(asked) as result:
            result |= await perform()
        return result, False

    @property
    def repeats(self) -> bool:
        """Whether a recorded call costs nothing again; a replay spends its budget as the run did."""
        return self.recorded is None or not self.recorded.replay

    def request(self, kind: Kind, name: str, request: dict[str, Any], *, once: bool = False) -> CallRequest:
        """The call as this step makes it, with its place among equal ones."""
        step, attempt = current_step().id, current_attempt()
        text = compact(request)
        hashed = digest(kind, name, text).hex()
        self.seen[step, attempt, hashed] += 1
        if attempt > 1:
            self.feed.flush()  # what the attempt before it read may still wait
        return CallRequest(kind, name, step, once, text, hashed, self.seen[step, attempt, hashed])

    def recorded_result(self, asked: CallRequest) -> dict[str, Any] | None:
        """What the call gave when it was made; None when it has to be made. Raises as `call`."""
        if found := self._find(asked):
            self.events.replay(found.events)
            return _outcome(found)
        if self.repeats:
            return None
        raise Diverged(
            f"the replay of {self.run} asks in {asked.step} for a {asked.kind} call ({asked.name}) that was not recorded",
            "the graph, its prompts or the corpus changed since",
        )

    @contextmanager
    def making(self, asked: CallRequest) -> Iterator[dict[str, Any]]:
        """Between the call's intent and its result, which is what the block puts into the dict."""
        row, stored = asked.row(self.run), asked.kind != "read"
        if stored:
            self._intend(row)
        begun = time.monotonic()
        result: dict[str, Any] = {}
        with self.events.capture() as captured, within(self.trace.span("step", asked.step)):
            try:
                yield result
                result |= plain(result, f"the result of {asked.name}")
            except (Unavailable, GraphBubbleUp):  # not made: no server, or a person is asked first
                if stored:
                    self._forget(row["key"])
                raise
            except AgentflowError as error:
                refusal = {"error": type(error).__name__, "message": error.message, "hint": error.hint}
                if stored:
                    self._result(row, refusal, "failed", time.monotonic() - begun, captured)
                raise
        self._result(row, result, "done", time.monotonic() - begun, captured)

    def emit(self, event: Event) -> None:
        """Sends an event of the current step."""
        self.events.send(replace(event, run=self.run, step=current_step().id))

    def batch(self, step: str, name: str, request: dict[str, Any]) -> AnswerBatch:
        """Where the answers of one call with many requests are kept until it is whole."""
        return AnswerBatch(self.feed, step, name, request)

    def _find(self, asked: CallRequest) -> Call | None:
        """The call with its outcome, of this run or of the one that stands in."""
        found = load(self.store, asked.key(self.run))
        if found is None and self.recorded and (asked.once or self.recorded.replay):
            found = load(self.recorded.store, asked.key(self.recorded.run))
        if found is None or found.state != "intent":
            return found
        if asked.once:
            raise Unknown(found, asked.key(found.run))
        return None

    def _intend(self, row: dict[str, Any]) -> None:
        kept = self.store.database.lasting() if row["once"] else nullcontext()  # no effect may outlive its intent
        with self.store.turn, kept, self.feed.write():
            insert(self.store, row)

    def _result(
        self, row: dict[str, Any], result: dict[str, Any], state: str, seconds: float, captured: Sequence[Event]
    ) -> None:
        told = squeeze(compact([event.to_json() for event in captured])) if captured else None
        row |= {"state": state, "result": squeeze(compact(result)), "seconds": seconds, "events": told}
        self.budget.spend(row["step"], bytes=len(row["result"]))
        if row["kind"] == "read":
            self.feed.hold(lambda: insert(self.store, row))
            return
        with self.feed.write():
            self.store.database.execute(
                "UPDATE calls SET request = ?, state = ?, result = ?, seconds = ?, events = ?, seal = ? WHERE key = ?",
                [row["request"], state, row["result"], seconds, told, seal_of(row), row["key"]],
            )
            self.store.spend(self.run, self.budget.used())

    def _forget(self, key: str) -> None:
        """The call was never answered: nothing stands in the way of making it again."""
        with self.feed.write():
            drop(self.store, self.run, [key])


class Unknown(AgentflowError):
    """The run was stopped in the middle of an effect that must not be repeated: only a person knows what happened."""

    def __init__(self, call: Call, key: str) -> None:
        super().__init__(
            f"the run was stopped while {call.name} ran in {call.step}; whether it took effect is unknown",
            f"agentflow resume {call.run} --answer repeat | done | '{{\"value\": ...}}'",
        )
        self.run = call.run
        self.key = key
        self.question = {"unknown": {"tool": call.name, **call.request, "step": call.step}, "ask": self.message,
                         "answers": {"repeat": "run it again", "done": "it took effect: go on without its result",
                                     '{"value": ...}': "it took effect, and this is its result"}}  # fmt: skip


def _outcome(call: Call) -> dict[str, Any]:
    """Raises again what the tool raised then."""
    assert call.result is not None
    if call.state == "failed":
        kinds = {kind.__name__: kind for kind in _children(AgentflowError)}
        raise kinds.get(call.result["error"], AgentflowError)(call.result["message"], call.result["hint"])
    return call.result


def _children(kind: type[AgentflowError]) -> Iterator[type[AgentflowError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _children(child)
