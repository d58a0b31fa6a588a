"""The loop that owns one model: admit, plan a batch, decode it, sample, hand out.

Every running answer contributes to each batch what it still has to compute (a piece of its prompt, or its last token
and a draft), so prefill and decode mix, and an answer that shares its prompt with another waits for it and forks.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from agentflow.errors import Overloaded, Unavailable
from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.engine.batch_runner import BatchRunner, Deliver, deliver_at_once
from agentflow.serving.engine.heartbeat import Heartbeat
from agentflow.serving.engine.request import Failed, GenerationRequest
from agentflow.serving.engine.scheduler import Scheduler
from agentflow.serving.engine.validation import check
from agentflow.serving.kvcache.kv_cache import KVCacheManager
from agentflow.serving.kvcache.prefix_store import PrefixStore
from agentflow.serving.speculative.speculator import Speculator

Result = TypeVar("Result")


class InferenceEngine:
    """`submit` and `cancel` may be called from any thread; everything else happens in the engine's own."""

    def __init__(
        self,
        context: LlamaContext,
        *,
        parallel: int,
        window: int,
        queue: int,
        speculator: Speculator,
        cost: StepCost,
        compute_lock: AbstractContextManager[Any] | None = None,
        deliver: Deliver = deliver_at_once,
        prefixes: PrefixStore | None = None,
    ) -> None:
        self.context = context
        self.vocab = context.weights.vocab
        self.window = min(window, context.cells)
        self.speculator = speculator
        self.cost = cost
        self.kv_cache = KVCacheManager(context, prefixes)
        self.scheduler = Scheduler(self.kv_cache, speculator, parallel)
        self.writer = BatchRunner(
            context,
            self.kv_cache,
            self.scheduler,
            speculator=speculator,
            cost=cost,
            compute_lock=compute_lock,
            deliver=deliver,
        )
        self.waiting = self.scheduler.waiting
        self.running = self.scheduler.running
        self.queue = queue
        self.totals = self.writer.totals
        self.faults = self.writer.faults
        self.pulse = Heartbeat(cost, context.batch_size)
        self._inbox: deque[GenerationRequest] = deque()
        self._calls: deque[Callable[[], None]] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    # From any thread

    def start(self) -> None:
        self._thread.start()

    def trouble(self) -> str:
        """What keeps the engine from answering, in a line; empty when it is well."""
        if self._thread.ident is not None and not self._thread.is_alive() and not self._stopping:
            return "its worker has ended"
        return self.pulse.trouble([sequence.job for sequence in self.running] + self.waiting.jobs + list(self._inbox))

    def stop(self) -> None:
        """Ends the loop after the current step; running and waiting jobs fail."""
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def submit(self, *jobs: GenerationRequest) -> None:
        """All of them or none. Raises AgentflowError for a job that cannot be carried out, Overloaded when the queue is
        full."""
        for job in jobs:
            check(job, self.vocab.size, self.window)
        if self._thread.ident is not None and not self._thread.is_alive():
            raise Unavailable("the model's worker has ended", "start the server again")
        if self.queued + len(jobs) > self.queue:
            self.totals.refused += 1
            raise Overloaded(f"{self.queue} requests are waiting already", "try again in a moment")
        self._inbox.extend(jobs)
        self._wake.set()

    def cancel(self, job: GenerationRequest) -> None:
        """Idempotent; also after the job has ended."""
        job.cancelled = True
        self._wake.set()

    def call(self, function: Callable[[], Result]) -> "Future[Result]":
        """Runs `function` between two steps, in the thread that owns the context."""
        future: Future[Result] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function())
            except Exception as error:  # noqa: BLE001  handed to the caller
                future.set_exception(error)

        self._calls.append(run)
        self._wake.set()
        return future

    @property
    def busy(self) -> int:
        return len(self.running)

    @property
    def queued(self) -> int:
        return len(self._inbox) + len(self.waiting.jobs)

    # The loop

    def _run(self) -> None:
        while not self._stopping:
            self.pulse.beat()
            try:
                worked = self.step()
                if worked:
                    self.pulse.broken = 0
            except Exception as error:  # noqa: BLE001  the worker must outlive it
                worked = False
                self._broke(error)
            self.writer.flush()
            if not worked:
                self._wake.wait(0.2 if self.running or self.waiting.jobs else None)
                self._wake.clear()
        self._fail_all("the server is stopping")
        self.writer.flush()
        if self.kv_cache.store is not None:
            self.kv_cache.store.close()

    def _broke(self, error: Exception) -> None:
        """A step that breaks outside any one request's work fails all of them: none may hang."""
        self.faults.note("a step", error)
        self.pulse.broken += 1
        self._fail_all(f"{type(error).__name__}: {error}")

    def step(self) -> bool:
        """One batch. False when there was nothing to compute."""
        began, thread = time.perf_counter(), time.thread_time()
        while self._calls:
            self._calls.popleft()()
        while self._inbox:
            self.waiting.jobs.append(self._inbox.popleft())
        self._expire()
        self.scheduler.fork()
        for job, error in self.scheduler.admit():
            self.writer.refuse(job, error)
        tokens, inside = self.writer.compute(self.running)
        if not tokens:
            return False
        python = time.thread_time() - thread - inside
        self.totals.step(tokens, time.perf_counter() - began, python)
        return True

    def _expire(self) -> None:
        now = time.monotonic()
        for job, reason in self.waiting.leave(now):
            self.writer.emit(job, reason)
        for sequence in list(self.running):
            if why := sequence.job.leaves(now):
                self.writer.give_up(sequence, why)

    def _fail_all(self, message: str) -> None:
        """Running, waiting and just arrived."""
        waiting, self.waiting.jobs = self.waiting.jobs, []
        while self._inbox:
            waiting.append(self._inbox.popleft())
        for job in [*(sequence.job for sequence in self.running), *waiting]:
            self.writer.emit(job, Failed("server_error", message))
        for sequence in list(self.running):
            self.writer.drop(sequence)
