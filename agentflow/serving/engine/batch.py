"""What goes into the next batch: every writing answer's last token and draft, then prompts as far as there is room."""

from dataclasses import dataclass, field

from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.engine.request import PRIORITIES
from agentflow.serving.engine.sequence import Sequence
from agentflow.serving.speculative.speculator import Speculator

PREFILL_SECONDS = 0.15  # a prompt may hold up running answers for about this long per step
SMALLEST_CHUNK = 32


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """`count` known tokens of one sequence, then `drafted` proposed ones; `row` is its first row of logits."""

    sequence: Sequence
    count: int
    drafted: int
    row: int | None


@dataclass(slots=True)
class Batch:
    tokens: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    wanted: list[bool] = field(default_factory=list)
    parts: list[BatchEntry] = field(default_factory=list)
    rows: int = 0
    prefill: int = 0

    def add(self, sequence: Sequence, count: int) -> None:
        slot = sequence.slot
        draft = sequence.draft.tokens if sequence.draft else []
        start = slot.computed
        complete = start + count == len(slot.tokens)
        self.tokens += slot.tokens[start : start + count]
        self.tokens += draft
        total = count + len(draft)
        self.positions += range(start, start + total)
        self.sequences += [slot.id] * total
        self.wanted += [False] * (count - 1) + [complete] + [True] * len(draft)
        self.parts.append(BatchEntry(sequence, count, len(draft), self.rows if complete else None))
        self.rows += complete + len(draft)
        self.prefill += 0 if sequence.decoding else count


def plan_batch(running: list[Sequence], context: LlamaContext, speculator: Speculator, cost: StepCost) -> Batch:
    plan = Batch()
    ready = [s for s in running if s.waits_for is None]
    writing = [s for s in ready if s.decoding]
    reading = [s for s in ready if not s.decoding]
    speculator.propose(writing, room=context.outputs - len(running), busy=bool(reading))
    for sequence in writing:
        plan.add(sequence, sequence.pending)
    room = context.batch_size - len(plan.tokens)
    if writing:
        room = min(room, max(SMALLEST_CHUNK, cost.prefill_tokens(PREFILL_SECONDS)))
    for sequence in sorted(reading, key=lambda s: (PRIORITIES[s.job.priority], s.job.arrived)):
        if room <= 0 or plan.rows >= context.outputs:
            break
        count = min(sequence.pending, room)
        plan.add(sequence, count)
        room -= count
    return plan
