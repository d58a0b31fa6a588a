"""One stretch of a run in this process: from its start or last checkpoint until it ends, waits or is stopped."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.graph import StateGraph
from langgraph.types import Command

from agentflow.budget import Budget
from agentflow.errors import AgentflowError, BudgetSpent, StoreFailed, Unavailable
from agentflow.events import ApprovalAsked, Event, Sink
from agentflow.runs.callbacks import Watcher
from agentflow.runs.checkpoints import Checkpoints
from agentflow.runs.errors import Damaged, Diverged, LeaseLost
from agentflow.runs.event_log import Feed
from agentflow.runs.journal import Unknown
from agentflow.runs.leases import Lease, acquire
from agentflow.runs.step import Step
from agentflow.runs.store import RunStore
from agentflow.status import FINISHED, RunStatus

POLL = 0.2  # seconds between looks at what other processes ask for
BEAT = 20.0  # seconds between signs of life
GRACE_STEPS = 16  # steps a graph may still take to finish with what it has
GRACE_SECONDS = 60.0
GIVE_BACK = "give back"  # a worker that ends lets others go on with its runs
RECURSION_LIMIT = 100_000  # LangGraph's own stop; the budget is ours
Prepare = Callable[[], Awaitable[None]]


async def nothing() -> None:
    """No preparation."""


@dataclass(frozen=True, slots=True)
class Ending:
    """`status` as in Run. A paused run says in `message` why; `question` is what it asks a person. `again`: the reason
    lies outside the run (a server, memory, the disk), so a worker tries it again later."""

    status: RunStatus
    output: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    question: list[Any] | None = None
    again: bool = False


class Execution:
    """Owns the run's lease while it lasts."""

    def __init__(self, lease: Lease, feed: Feed, budget: Budget, checkpoints: Checkpoints, sink: Sink) -> None:
        self.lease = lease
        self.store: RunStore = lease.store
        self.run = lease.run
        self.feed = feed
        self.budget = budget
        self.checkpoints = checkpoints
        self.listener = sink
        self.stop_reason = ""  # pause, cancel, or the reason in words
        self.task: asyncio.Task[Ending] | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        store: RunStore,
        run: str,
        budget: Budget,
        checkpoints: Checkpoints,
        sink: Sink,
        lease: Lease | None = None,
    ) -> "AsyncIterator[Execution]":
        """With a worker's `lease`, else one of its own. Raises Held while another process owns the run."""
        lease = lease or acquire(store, run)
        feed = checkpoints.owners[run] = Feed(lease)
        try:
            yield cls(lease, feed, budget, checkpoints, sink)
        finally:
            del checkpoints.owners[run]
            lease.release()

    def sink(self, event: Event) -> None:
        """The stored feed first, then whoever listens."""
        self.feed.append(event)
        self.listener(event)

    def stop(self, reason: str) -> None:
        """Drops the calls in flight. `pause`, `cancel`, GIVE_BACK or a reason to pause in words."""
        if self.task and not self.task.done() and not self.stop_reason:
            self.stop_reason = reason
            self.task.cancel()

    async def go(
        self, builder: StateGraph[Any, Any, Any, Any], given: Any, context: Any, prepare: Prepare = nothing
    ) -> Ending:
        """Runs the graph on `given` (its input, a Command, or None to go on), after `prepare`. LeaseLost and bugs are
        raised."""
        watcher = Watcher(self.run, self.sink, self.budget, self._before)
        config: RunnableConfig = {
            "configurable": {"thread_id": self.run}, "callbacks": [watcher], "recursion_limit": RECURSION_LIMIT,
        }  # fmt: skip
        graph = builder.compile(checkpointer=self.checkpoints, name=self.run)
        self.task = asyncio.create_task(self._invoke(graph, given, config, context, prepare))
        poller = asyncio.create_task(self._poll())
        try:
            return await self.task
        except asyncio.CancelledError:
            self.task.cancel()  # when it was our caller who was cancelled
            with contextlib.suppress(BaseException):
                await self.task
            if not self.stop_reason:
                raise
            return self._stopped()
        except (Unavailable, BudgetSpent) as error:
            return Ending(RunStatus.PAUSED, message=_sentence(error), again=isinstance(error, Unavailable))
        except Unknown as error:
            self.sink(ApprovalAsked(run=self.run, subject=error.question))
            question = [{"id": error.key, "call": True, "value": error.question}]
            return Ending(RunStatus.PAUSED, message=_sentence(error), question=question)
        except (LeaseLost, Damaged, Diverged):
            raise
        except MemoryError:
            return Ending(
                RunStatus.PAUSED, message="out of memory; close other programs, then resume the run", again=True
            )
        except AgentflowError as error:
            outside = isinstance(error, StoreFailed) or isinstance(error.__cause__, sqlite3.Error | OSError)
            return Ending(RunStatus.PAUSED if outside else RunStatus.FAILED, message=_sentence(error), again=outside)
        finally:
            poller.cancel()

    async def _invoke(self, graph: Any, given: Any, config: RunnableConfig, context: Any, prepare: Prepare) -> Ending:
        with self.budget.resting():
            await prepare()
        await graph.ainvoke(given, config, context=context, durability="sync")
        state = await graph.aget_state(config)
        if waiting := [{"id": item.id, "value": item.value} for item in state.interrupts]:
            for item in waiting:  # told here, once: a node is entered again when its answer comes
                self.sink(ApprovalAsked(run=self.run, subject=item["value"]))
            return Ending(RunStatus.PAUSED, message="waits for an answer", question=waiting)
        word = state.values.get("status") or RunStatus.DONE
        if word not in FINISHED - {RunStatus.DEAD}:
            raise AgentflowError(f"the graph ended with the status {word!r}", f"known: {', '.join(sorted(FINISHED))}")
        return Ending(RunStatus(word), output=state.values.get("output") or {})

    def _before(self, step: Step) -> None:
        """A graph that goes on long after its budget of steps is stopped from outside."""
        limit = self.budget.limits.steps
        if limit is not None and self.budget.used()["steps"] >= limit + GRACE_STEPS:
            raise BudgetSpent(f"the run's budget of {limit} steps is spent", "raise it with --budget steps=N")

    async def _poll(self) -> None:
        """Hears what other processes ask, shows signs of life, and ends a run that hangs beyond its time."""
        every = min(BEAT, self.lease.seconds / 3) if self.lease.seconds else BEAT
        beat = time.monotonic()
        while True:
            await asyncio.sleep(POLL)
            with contextlib.suppress(
                Exception
            ):  # a full disk, a server that is gone: the run's next write meets it too
                try:
                    if asked := self.store.asked(self.run):
                        self.stop(asked)
                    if time.monotonic() - beat >= every:
                        beat = time.monotonic()
                        self.lease.beat()
                    self.feed.flush()
                except LeaseLost as error:  # a process that was stopped for long wakes up: nothing it does counts now
                    self.stop(error.message)
            limit = self.budget.limits.seconds
            if limit is not None and self.budget.used()["seconds"] > limit + GRACE_SECONDS:
                self.stop(f"the run's budget of {limit:g} seconds is spent")

    def _stopped(self) -> Ending:
        match self.stop_reason:
            case "cancel":
                return Ending(RunStatus.CANCELLED, message="cancelled on request")
            case "pause":
                return Ending(RunStatus.PAUSED, message="paused on request")
            case reason if reason == GIVE_BACK:
                return Ending(RunStatus.QUEUED, message="given back by its worker")
            case reason:
                return Ending(RunStatus.PAUSED, message=reason)


def reply(question: list[Any], answer: Any) -> Command[Any]:
    """An answer goes to the one question that waits, or a list of answers to several."""
    answers = answer if len(question) > 1 and isinstance(answer, list) else [answer] * len(question)
    if len(answers) != len(question):
        raise AgentflowError(f"{len(question)} answers are needed, not {len(answers)}", "give a JSON list")
    return Command(resume={item["id"]: said for item, said in zip(question, answers, strict=True)})


def _sentence(error: AgentflowError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message
