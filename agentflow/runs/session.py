"""A run while this process owns it: started or gone on with, and its end written down."""

from typing import Any

from langgraph.graph import StateGraph

from agentflow.events import RunEnded, RunStarted
from agentflow.runs.calls import forget_failures
from agentflow.runs.errors import LeaseLost
from agentflow.runs.execution import Ending, Execution, reply
from agentflow.runs.human_input import decide, keep_answer
from agentflow.runs.run import Run
from agentflow.runs.verify import require_whole
from agentflow.status import RunStatus


class Session:
    """`context` is what the graph's nodes may use. Both ways to run raise LeaseLost when the run is taken over."""

    def __init__(self, run: Run, builder: StateGraph[Any, Any, Any, Any], execution: Execution, context: Any) -> None:
        self.run = run
        self.builder = builder
        self.execution = execution
        self.store = execution.store
        self.context = context

    async def start(self) -> Ending:
        """From the run's inputs to its end, its first question to a person, or a pause."""
        return await self._go(self.run.inputs)

    async def resume(self, answer: Any = None) -> Ending:
        """From the last checkpoint, with a person's reply where the run waits for one; from the inputs when it never had
        a checkpoint. Raises Damaged when any row of the run is not what was written."""
        require_whole(self.store, self.run.id)
        if self.run.status is RunStatus.FAILED:
            forget_failures(self.store, self.run.id)
        question = self.run.question
        if question is not None and not question[0].get("call"):
            keep_answer(self.store, self.run.id, answer)
            return await self._go(reply(question, answer), resumed=True)
        if question is not None:
            decide(self.store, question[0]["id"], answer)
        return await self._go(None if self.run.checkpoints else self.run.inputs, resumed=True)

    async def _go(self, given: Any, *, resumed: bool = False) -> Ending:
        run = self.run
        self.store.settle(run.id, RunStatus.RUNNING)
        started = RunStarted(run=run.id, graph=run.graph, inputs=run.inputs, models=run.models, resumed=resumed)
        self.execution.sink(started)
        try:
            ending = await self.execution.go(self.builder, given, self.context)
        except LeaseLost:
            raise  # the run is another's: what becomes of it is no longer said here
        except BaseException as error:
            kept = not isinstance(error, Exception)  # cancelled from outside: nothing is wrong with the run
            status = RunStatus.PAUSED if kept else RunStatus.FAILED
            self._end(Ending(status, message=f"{type(error).__name__}: {error}"))
            raise
        self._end(ending)
        return ending

    def _end(self, ending: Ending) -> None:
        spent = self.execution.budget.used()
        ended = RunEnded(run=self.run.id, status=ending.status, seconds=spent["seconds"], message=ending.message)
        self.execution.sink(ended)
        with self.execution.feed.write():
            self.store.settle(
                self.run.id, ending.status, message=ending.message, output=ending.output, question=ending.question,
                spent=self.execution.budget.used(),
            )  # fmt: skip
