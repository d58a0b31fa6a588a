"""A run while this process owns it: started or gone on with, and its end written down."""

from typing import Any

from langgraph.graph import StateGraph

from agentflow.errors import AgentflowError
from agentflow.events import RunEnded, RunStarted
from agentflow.runs import queue
from agentflow.runs.calls import forget_failures
from agentflow.runs.control import BECOMES
from agentflow.runs.errors import LeaseLost
from agentflow.runs.execution import Ending, Execution, Prepare, nothing, reply
from agentflow.runs.human_input import decide, keep_answer
from agentflow.runs.run import Run
from agentflow.runs.verify import require_whole
from agentflow.status import RunStatus


class Session:
    """`context` is what the graph's nodes may use; `prepare` comes before its first node. Both ways to run raise LeaseLost when the run is taken over."""

    def __init__(
        self, run: Run, builder: StateGraph[Any, Any, Any, Any], execution: Execution, context: Any,
        prepare: Prepare = nothing,
    ) -> None:  # fmt: skip
        self.run = run
        self.builder = builder
        self.execution = execution
        self.store = execution.store
        self.context = context
        self.prepare = prepare

    async def start(self) -> Ending:
        """From the run's inputs to its end, its first question to a person, or a pause."""
        with self.execution.feed.write():
            self._begin()
        return await self._go(self.run.inputs)

    async def resume(self, answer: Any = None) -> Ending:
        """From the last checkpoint, with a person's reply where the run waits for one; from the inputs when it never had
        a checkpoint. Raises Damaged when any row of the run is not what was written."""
        run = self.run
        require_whole(self.store, run.id)
        with self.execution.feed.write():
            given = self._given(answer)
            self._begin()
        first = self.execution.lease.seconds and run.attempts == 1 and not run.checkpoints
        return await self._go(given, resumed=not first)

    def _given(self, answer: Any) -> Any:
        """A person's reply, None to go on from a checkpoint, or the inputs when the run never had one."""
        run, question = self.run, self.run.question
        if run.status in (RunStatus.FAILED, RunStatus.DEAD):
            forget_failures(self.store, run.id)
        if question is not None and not question[0].get("call"):
            keep_answer(self.store, run.id, answer)
            return reply(question, answer)
        if question is not None:
            decide(self.store, question[0]["id"], answer)
        return None if run.checkpoints else run.inputs

    def _begin(self) -> None:
        """Inside a fenced transaction."""
        self.store.settle(self.run.id, RunStatus.RUNNING)
        queue.take_reply(self.store, self.run.id)

    async def _go(self, given: Any, *, resumed: bool = False) -> Ending:
        run = self.run
        started = RunStarted(run=run.id, graph=run.graph, inputs=run.inputs, models=run.models, resumed=resumed)
        self.execution.sink(started)
        try:
            ending = await self.execution.go(self.builder, given, self.context, self.prepare)
        except LeaseLost:
            raise  # the run is another's: what becomes of it is no longer said here
        except BaseException as error:
            kept = not isinstance(error, Exception)  # cancelled from outside: nothing is wrong with the run
            status = RunStatus.PAUSED if kept else RunStatus.FAILED
            self._end(Ending(status, message=reason_of(error), again=not kept))
            raise
        self._end(ending)
        return ending

    def _end(self, ending: Ending) -> None:
        again = ending.again or ending.status is RunStatus.QUEUED
        if again and (asked := self.store.asked(self.run.id)):  # not heard in time; it must not start again
            ending = Ending(BECOMES[asked], message=f"{asked} on request")
        spent = self.execution.budget.used()
        told = RunStatus.PAUSED if ending.status is RunStatus.QUEUED else ending.status
        ended = RunEnded(run=self.run.id, status=told, seconds=spent["seconds"], message=ending.message)
        self.execution.sink(ended)
        with self.execution.feed.write():
            self.store.settle(
                self.run.id, ending.status, message=ending.message, output=ending.output, question=ending.question,
                spent=self.execution.budget.used(),
            )  # fmt: skip
            if self.execution.lease.seconds:
                queue.hand_over(self.store, self.run, ending.status, ending.message, again=ending.again)


def reason_of(error: BaseException) -> str:
    """Why a run broke off, for its message."""
    return error.message if isinstance(error, AgentflowError) else f"{type(error).__name__}: {error}"
