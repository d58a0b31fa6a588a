"""Every model and tool call of a run, written down before it is made and after it returned.

A step that is entered again after a crash gets its recorded results. An effect that must not be repeated (`once`) and
whose outcome is unknown stops the run and asks a person: at least once, never lost, never twice in silence.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from langgraph.errors import GraphBubbleUp

from agentflow.budget import Budget
from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Event, ModelText, from_json, ignore
from agentflow.runs.batch import Batch
from agentflow.runs.blobs import compact, digest
from agentflow.runs.calls import Call, drop, insert, key_of, load, seal_of, squeeze
from agentflow.runs.errors import Diverged
from agentflow.runs.event_log import Feed
from agentflow.runs.serializer import plain
from agentflow.runs.step import current_attempt, current_step
from agentflow.runs.store import RunStore

Kind = Literal["model", "tool", "read"]
Perform = Callable[[], Awaitable[dict[str, Any]]]
_HAPPENED: ContextVar[list[Event] | None] = ContextVar("happened", default=None)


def overhear(event: Event) -> None:
    """An event of the call that is being made is kept with it, so that a resume and a replay tell it again."""
    if (happened := _HAPPENED.get()) is not None and not isinstance(event, ModelText):
        happened.append(event)


class Recorded(NamedTuple):
    """An earlier run whose results may stand in. `replay`: for every call, and none else may be made. Otherwise it is
    the parent of a fork, whose `once` effects are not repeated."""

    store: RunStore
    run: str
    replay: bool = False


class Journal:
    """One run's calls."""

    def __init__(self, feed: Feed, budget: Budget, recorded: Recorded | None = None) -> None:
        self.feed = feed
        self.store = feed.lease.store
        self.run = feed.lease.run
        self.budget = budget
        self.recorded = recorded
        self.again: Callable[[Event], None] = ignore  # hears what happened in a recorded call
        self.seen: Counter[tuple[str, int, str]] = Counter()

    async def call(
        self, kind: Kind, name: str, request: dict[str, Any], perform: Perform, *, once: bool = False
    ) -> tuple[dict[str, Any], bool]:
        """(result, whether it was recorded before). A `read` changes nothing, so it has no intent row."""
        step, attempt = current_step().id, current_attempt()
        asked = compact(request)
        hashed = digest(kind, name, asked).hex()
        self.seen[step, attempt, hashed] += 1
        nth = self.seen[step, attempt, hashed]
        if attempt > 1:
            self.feed.flush()  # what the attempt before it read may still wait
        replay = self.recorded is not None and self.recorded.replay
        if found := self._find(step, hashed, nth, once):
            if found.state != "intent":
                for data in found.events:
                    self.again(replace(from_json(data), at=time.time()))
                return _outcome(found), not replay  # a replay spends its budget as the run did
            if once:
                raise Unknown(found, key_of(found.run, step, hashed, nth))
        if replay:
            raise Diverged(
                f"the replay of {self.run} asks in {step} for a {kind} call ({name}) that was not recorded",
                "the graph, its prompts or the corpus changed since",
            )
        key = key_of(self.run, step, hashed, nth)
        row = {"key": key, "run": self.run, "step": step, "nth": nth, "kind": kind, "name": name, "once": int(once),
               "request": squeeze(asked), "state": "intent", "result": None, "events": None,
               "started": time.time(), "seconds": None}  # fmt: skip
        if kind != "read":
            self._intend(row)
        begun = time.monotonic()
        happened: list[Event] = []
        token = _HAPPENED.set(happened)
        try:
            result = plain(await perform(), f"the result of {name}")
        except (Unavailable, GraphBubbleUp):  # not made: no server, or a person is asked first
            if kind != "read":
                self._forget(key)
            raise
        except AgentflowError as error:
            refusal = {"error": type(error).__name__, "message": error.message, "hint": error.hint}
            if kind != "read":
                self._result(row, refusal, "failed", time.monotonic() - begun, happened)
            raise
        finally:
            _HAPPENED.reset(token)
        self._result(row, result, "done", time.monotonic() - begun, happened)
        return result, False

    def batch(self, step: str, name: str, request: dict[str, Any]) -> Batch:
        """Where the answers of one call with many requests are kept until it is whole."""
        return Batch(self.feed, step, name, request)

    def _find(self, step: str, hashed: str, nth: int, once: bool) -> Call | None:
        own = load(self.store, key_of(self.run, step, hashed, nth))
        if own is None and self.recorded and (once or self.recorded.replay):
            return load(self.recorded.store, key_of(self.recorded.run, step, hashed, nth))
        return own

    def _intend(self, row: dict[str, Any]) -> None:
        database = self.store.database
        if row["once"]:
            database.conn.execute("PRAGMA synchronous = full")  # the effect must not outlive its intent in a power cut
        try:
            with self.feed.write():
                insert(self.store, row)
        finally:
            if row["once"]:
                database.conn.execute("PRAGMA synchronous = normal")

    def _result(
        self, row: dict[str, Any], result: dict[str, Any], state: str, seconds: float, happened: Sequence[Event]
    ) -> None:
        told = squeeze(compact([event.to_json() for event in happened])) if happened else None
        row |= {"state": state, "result": squeeze(compact(result)), "seconds": seconds, "events": told}
        self.budget.spend(row["step"], bytes=len(row["result"]))
        if row["kind"] == "read":
            self.feed.hold(lambda: insert(self.store, row))
            return
        with self.feed.write():
            self.store.database.conn.execute(
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
