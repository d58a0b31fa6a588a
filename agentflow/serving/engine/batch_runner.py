"""One batch after another: computes what the running answers need, hands out tokens, ends answers.

An error in one answer's work ends that answer. A batch that cannot be computed is tried again answer by answer.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentflow.errors import AgentflowError
from agentflow.serving.backend.llama_context import CacheFull, LlamaContext
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.engine.batch import Batch, BatchEntry, plan_batch
from agentflow.serving.engine.error_log import ErrorLog
from agentflow.serving.engine.request import Event, Failed, Finished, GenerationRequest, TextChunk
from agentflow.serving.engine.scheduler import Scheduler
from agentflow.serving.engine.sequence import Sequence
from agentflow.serving.engine.stats import ServerStats
from agentflow.serving.kvcache.kv_cache import KVCacheManager
from agentflow.serving.speculative.speculator import Speculator

Deliver = Callable[[list[tuple[GenerationRequest, Event]]], None]


def deliver_at_once(events: list[tuple[GenerationRequest, Event]]) -> None:
    for job, event in events:
        job.sink.put_nowait(event)


class BatchRunner:
    """Belongs to the engine's thread."""

    def __init__(
        self,
        context: LlamaContext,
        kv_cache: KVCacheManager,
        scheduler: Scheduler,
        *,
        speculator: Speculator,
        cost: StepCost,
        compute_lock: AbstractContextManager[Any] | None,
        deliver: Deliver,
    ) -> None:
        self.context = context
        self.kv_cache = kv_cache
        self.scheduler = scheduler
        self.running = scheduler.running
        self.speculator = speculator
        self.cost = cost
        # One model computes at a time: threads that spin would fight.
        self.compute_lock = compute_lock or threading.Lock()
        self.deliver = deliver
        self.totals = ServerStats()
        self.faults = ErrorLog()
        self._outbox: list[tuple[GenerationRequest, Event]] = []

    def compute(self, sequences: list[Sequence]) -> tuple[int, float]:
        """One batch of them: (tokens, this thread's CPU seconds inside llama.cpp)."""
        try:
            plan = plan_batch(sequences, self.context, self.speculator, self.cost)
            if not plan.tokens:
                return 0, 0.0
            with self.compute_lock:
                began, thread = time.perf_counter(), time.thread_time()
                logits = self.context.decode(plan.tokens, plan.positions, plan.sequences, plan.wanted)
                seconds, inside = time.perf_counter() - began, time.thread_time() - thread
        except CacheFull:
            self._make_room()
            return len(plan.tokens), 0.0
        except Exception as error:
            if not sequences:
                raise
            return self._apart(list(sequences), error)
        self._learn(plan, seconds)
        for part in plan.parts:
            part.sequence.slot.computed += part.count
        self.scheduler.fork()  # before an answer ends and its prompt may leave the cache
        for part in plan.parts:
            if part.row is not None:
                self._hand(part, logits)
        return len(plan.tokens), inside

    def _apart(self, sequences: list[Sequence], error: Exception) -> tuple[int, float]:
        """Takes back what the failed batch may have left in the cache; one that fails alone, or that cannot be taken
        back (recurrent state), ends."""
        for sequence in sequences:
            whole = self.context.cut(sequence.slot.id, sequence.slot.computed)
            if len(sequences) == 1 or not whole:
                self.fail(sequence, error)
        done = [self.compute([sequence]) for sequence in sequences if sequence in self.running]
        return sum(tokens for tokens, _ in done) or 1, sum(inside for _, inside in done)

    def _learn(self, plan: Batch, seconds: float) -> None:
        self.cost.learn(plan.rows, plan.prefill, seconds)
        self.totals.decode_seconds += seconds
        self.totals.prefilled_tokens += plan.prefill
        self.kv_cache.charge_idle(len(plan.tokens))

    def _hand(self, part: BatchEntry, logits: NDArray[np.float32]) -> None:
        assert part.row is not None
        try:
            self._take(part.sequence, logits[part.row : part.row + 1 + part.drafted])
        except Exception as error:  # noqa: BLE001  this answer's own
            self.fail(part.sequence, error)

    def _take(self, sequence: Sequence, rows: NDArray[np.float32]) -> None:
        """Samples along the draft while sample and draft agree: what comes out is what would have come without it."""
        now = time.monotonic()
        if not sequence.decoding:
            sequence.decoding_since = now
            sequence.statistics.first_token_s = now - sequence.job.arrived
            sequence.statistics.prefill_s = now - sequence.started
        draft = sequence.draft.tokens if sequence.draft else []
        text: list[TextChunk] = []
        accepted = 0
        for index, logits in enumerate(rows):
            token = sequence.choose(logits)
            if piece := sequence.write(token, logits):
                text.append(piece)
            if sequence.reason or index == len(draft) or token != draft[index]:
                break
            accepted += 1
        sequence.statistics.steps += 1
        slot = sequence.slot
        if draft:
            slot.computed += accepted
            self.context.cut(slot.id, slot.computed)
            self.speculator.verified(sequence, accepted)
        self.speculator.wrote(sequence)
        if text:
            self.emit(sequence.job, merged(text))
        if sequence.reason:
            self._finish(sequence)

    def _finish(self, sequence: Sequence) -> None:
        if (rest := sequence.text.close()) and not sequence.text.stopped:
            self.emit(sequence.job, TextChunk(rest))
        sequence.statistics.decode_s = time.monotonic() - sequence.decoding_since
        self.totals.finished(sequence.statistics)
        self.emit(sequence.job, Finished(sequence.reason, sequence.statistics))
        self._release(sequence)

    def _release(self, sequence: Sequence) -> None:
        """Leaves the cache as if the answer had been written elsewhere: computed tokens stay as a prefix for others."""
        self.running.remove(sequence)
        self.speculator.end(sequence)
        slot = sequence.slot
        if self.kv_cache.store is not None:
            self.flush()  # nobody waits for the saving
            continued = sequence.job.next_use is not None
            self.kv_cache.save(slot, slot.computed if continued else len(sequence.job.prompt))
        if sequence.job.scores_only and self.kv_cache.tree.shared(slot.id) > 0:
            self.kv_cache.drop(slot)  # dozens of these share one prefix: their own few tokens help nobody
        else:
            self.kv_cache.retain(slot, sequence.job.next_use)

    def give_up(self, sequence: Sequence, reason: Failed) -> None:
        """The client left or the deadline passed: what is computed stays as a prefix."""
        self.emit(sequence.job, reason)
        self._release(sequence)
        self.totals.cancelled += 1

    def _make_room(self) -> None:
        """The cache was fuller than counted: every idle prefix goes, and when there was none, the youngest answer."""
        if not any(slot.tokens and not slot.busy for slot in self.kv_cache.all):
            victim = self.running[-1]
            self.emit(victim.job, Failed("server_error", "the KV cache is full"))
            self._release(victim)
        self.kv_cache.drop_idle()

    def fail(self, sequence: Sequence, error: Exception) -> None:
        self.refuse(sequence.job, error)
        self.drop(sequence)

    def refuse(self, job: GenerationRequest, error: Exception) -> None:
        """An AgentflowError is the request's own fault; anything else is ours."""
        if isinstance(error, AgentflowError):
            self.emit(job, Failed("invalid_request", error.message))
            return
        self.faults.note("a request's work", error)
        self.emit(job, Failed("server_error", f"{type(error).__name__}: {error}"))

    def drop(self, sequence: Sequence) -> None:
        """Nothing of it stays in the cache: it may be half written."""
        if sequence in self.running:
            self.running.remove(sequence)
        self.speculator.end(sequence)
        self.kv_cache.drop(sequence.slot)

    def emit(self, job: GenerationRequest, event: Event) -> None:
        self._outbox.append((job, event))

    def flush(self) -> None:
        events, self._outbox = self._outbox, []
        if not events:
            return
        try:
            self.deliver(events)
        except Exception as error:  # noqa: BLE001  the loop that waited for them is gone
            self.faults.note("handing out answers", error)


def merged(pieces: list[TextChunk]) -> TextChunk:
    return TextChunk("".join(p.text for p in pieces), tuple(score for p in pieces for score in p.logprobs))
