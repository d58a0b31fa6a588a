"""The loop that owns one model: admit, plan a batch, decode it, sample, hand out.

Every running answer contributes to each batch what it still has to compute (a piece of its prompt, or its last token
and a draft), so prefill and decode mix, and an answer that shares its prompt with another waits for it and forks.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from agentflow.errors import Overloaded
from agentflow.llama.admission import Admission
from agentflow.llama.context import CacheFull, Context
from agentflow.llama.cost import StepCost
from agentflow.llama.drafting.drafters import Drafters
from agentflow.llama.job import Event, Failed, Finished, Job, Piece
from agentflow.llama.plan import Plan, plan_batch
from agentflow.llama.prefix_files import PrefixFiles
from agentflow.llama.residents import Residents
from agentflow.llama.sequence import Sequence
from agentflow.llama.totals import Totals

log = logging.getLogger("agentflow.llama")
Result = TypeVar("Result")
Deliver = Callable[[list[tuple[Job, Event]]], None]


def deliver_at_once(events: list[tuple[Job, Event]]) -> None:
    for job, event in events:
        job.sink.put_nowait(event)


class Engine:
    """`submit` and `cancel` may be called from any thread; everything else happens in the engine's own."""

    def __init__(
        self,
        context: Context,
        *,
        parallel: int,
        window: int,
        queue: int,
        drafters: Drafters,
        cost: StepCost,
        gate: AbstractContextManager[Any] | None = None,
        deliver: Deliver = deliver_at_once,
        prefixes: Path | None = None,
        kv_type: str = "f16",
    ) -> None:
        self.context = context
        self.vocab = context.weights.vocab
        self.parallel = parallel
        self.window = window
        self.drafters = drafters
        self.cost = cost
        self.gate = gate or threading.Lock()  # one model computes at a time: threads that spin would fight
        self.deliver = deliver
        self.residents = Residents(context)
        self.files = PrefixFiles(prefixes, self.residents, kv_type) if prefixes else None
        if self.files is not None:
            self.files.load()
        self.admission = Admission(self.residents, drafters, parallel)
        self.waiting = self.admission.waiting
        self.running = self.admission.running
        self.queue = queue
        self.totals = Totals()
        self._inbox: deque[Job] = deque()
        self._calls: deque[Callable[[], None]] = deque()
        self._outbox: list[tuple[Job, Event]] = []
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    # From any thread

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the loop after the current step; running and waiting jobs fail."""
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def submit(self, job: Job) -> None:
        """Raises Overloaded when the queue is full."""
        if self.queued >= self.queue:
            self.totals.refused += 1
            raise Overloaded(f"{self.queue} requests are waiting already", "try again in a moment")
        self._inbox.append(job)
        self._wake.set()

    def cancel(self, job: Job) -> None:
        """Idempotent; also after the job has ended."""
        job.cancelled = True
        self._wake.set()

    def call(self, function: Callable[[], Result]) -> "Future[Result]":
        """Runs `function` between two steps, in the thread that owns the context."""
        future: Future[Result] = Future()

        def run() -> None:
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
            try:
                worked = self.step()
            except Exception as error:  # one broken step must not end the server: its answers fail, the rest goes on
                log.exception("a step failed")
                self._fail_running(f"{type(error).__name__}: {error}")
                worked = True
            self._flush()
            if not worked:
                self._wake.wait(0.2 if self.running or self.waiting.jobs else None)
                self._wake.clear()
        self._fail_running("the server is stopping")
        if self.files is not None:
            self.files.save()
        for job in [*self.waiting.jobs, *self._inbox]:
            self._emit(job, Failed("server_error", "the server is stopping"))
        self._flush()

    def step(self) -> bool:
        """One batch. False when there was nothing to compute."""
        began, thread = time.perf_counter(), time.thread_time()
        while self._calls:
            self._calls.popleft()()
        while self._inbox:
            self.waiting.jobs.append(self._inbox.popleft())
        self._expire()
        self.admission.fork()
        self.admission.admit()
        plan = plan_batch(self.running, self.context, self.drafters, self.cost)
        if not plan.tokens:
            return False
        inside = self._decode(plan)
        python = time.thread_time() - thread - inside
        self.totals.step(len(plan.tokens), time.perf_counter() - began, python)
        return True

    def _expire(self) -> None:
        now = time.monotonic()
        for job in self.waiting.leave(now):
            self._emit(job, Failed(*reason_to_leave(job)))
        for sequence in [s for s in self.running if s.job.cancelled or past(s.job.deadline, now)]:
            self._emit(sequence.job, Failed(*reason_to_leave(sequence.job)))
            self._release(sequence)
            self.totals.cancelled += 1

    def _decode(self, plan: Plan) -> float:
        """Computes the batch and takes its results; this thread's CPU seconds inside llama.cpp."""
        try:
            with self.gate:
                began, thread = time.perf_counter(), time.thread_time()
                logits = self.context.decode(plan.tokens, plan.positions, plan.sequences, plan.wanted)
                seconds, inside = time.perf_counter() - began, time.thread_time() - thread
        except CacheFull:
            self._make_room()
            return 0.0
        self.cost.learn(plan.rows, plan.prefill, seconds)
        self.totals.decode_seconds += seconds
        self.totals.prefilled_tokens += plan.prefill
        self.residents.work(len(plan.tokens))
        for part in plan.parts:
            part.sequence.resident.computed += part.count
        self.admission.fork()  # before an answer ends and its prompt may leave the cache
        for part in plan.parts:
            if part.row is not None:
                self._take(part.sequence, logits[part.row : part.row + 1 + part.drafted])
        return inside

    def _take(self, sequence: Sequence, rows: NDArray[np.float32]) -> None:
        """Samples along the draft while sample and draft agree: what comes out is what would have come without it."""
        now = time.monotonic()
        if not sequence.decoding:
            sequence.decoding_since = now
            sequence.statistics.first_token_s = now - sequence.job.arrived
            sequence.statistics.prefill_s = now - sequence.started
        draft = sequence.draft.tokens if sequence.draft else []
        text: list[Piece] = []
        accepted = 0
        for index, logits in enumerate(rows):
            token = sequence.choose(logits)
            if piece := sequence.write(token, logits):
                text.append(piece)
            if sequence.reason or index == len(draft) or token != draft[index]:
                break
            accepted += 1
        sequence.statistics.steps += 1
        resident = sequence.resident
        if draft:
            resident.computed += accepted
            self.context.cut(resident.id, resident.computed)
            self.drafters.verified(sequence, accepted)
        self.drafters.wrote(sequence)
        if text:
            self._emit(sequence.job, merged(text))
        if sequence.reason:
            self._finish(sequence)

    def _finish(self, sequence: Sequence) -> None:
        if (rest := sequence.text.close()) and not sequence.text.stopped:
            self._emit(sequence.job, Piece(rest))
        sequence.statistics.decode_s = time.monotonic() - sequence.decoding_since
        self.totals.finished(sequence.statistics)
        self._emit(sequence.job, Finished(sequence.reason, sequence.statistics))
        self._release(sequence)

    def _release(self, sequence: Sequence) -> None:
        """Leaves the cache as if the answer had been written elsewhere: computed tokens stay as a prefix for others."""
        self.running.remove(sequence)
        self.drafters.end(sequence)
        resident = sequence.resident
        if sequence.job.scores_only and self.residents.tree.shared(resident.id) > 0:
            self.residents.drop(resident)  # dozens of these share one prefix: their own few tokens help nobody
        else:
            self.residents.rest(resident, sequence.job.next_use)

    def _make_room(self) -> None:
        """The cache was fuller than counted: every idle prefix goes, and when there was none, the youngest answer."""
        if not any(resident.tokens and not resident.busy for resident in self.residents.all):
            victim = self.running[-1]
            self._emit(victim.job, Failed("server_error", "the KV cache is full"))
            self._release(victim)
        self.residents.forget_idle()

    def _fail_running(self, message: str) -> None:
        for sequence in list(self.running):
            self._emit(sequence.job, Failed("server_error", message))
            self.running.remove(sequence)
            self.drafters.end(sequence)
            self.residents.drop(sequence.resident)

    def _emit(self, job: Job, event: Event) -> None:
        self._outbox.append((job, event))

    def _flush(self) -> None:
        if self._outbox:
            events, self._outbox = self._outbox, []
            self.deliver(events)


def past(deadline: float | None, now: float) -> bool:
    return deadline is not None and now > deadline


def reason_to_leave(job: Job) -> tuple[str, str]:
    if job.cancelled:
        return "cancelled", "the client went away"
    return "timeout", "the deadline passed before the answer was complete"


def merged(pieces: list[Piece]) -> Piece:
    return Piece("".join(p.text for p in pieces), tuple(score for p in pieces for score in p.logprobs))
