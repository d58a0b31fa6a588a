"""Drafts by a smaller model with the same vocabulary, in its own context (Leviathan et al., arXiv 2211.17192)."""

import time
from dataclasses import dataclass
from pathlib import Path

from agentflow.errors import ConfigError
from agentflow.serving.backend.llama_context import CacheFull, LlamaContext
from agentflow.serving.backend.llama_model import open_weights
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.kvcache.radix_tree import common

FOLLOW = 0.1


@dataclass(slots=True)
class Wish:
    """A sequence that wants `count` tokens after its text."""

    sequence: int
    text: list[int]
    count: int


class DraftModel:
    """Mirrors the target's sequences; catches up with what each has written before it proposes."""

    def __init__(self, context: LlamaContext) -> None:
        self.context = context
        self.held: dict[int, list[int]] = {}
        self.seconds_per_token = 0.002
        self.seconds_per_prompt_token = 0.0005

    def seconds_behind(self, sequence: int, text: list[int]) -> float:
        """What it takes to read what the sequence holds: much, before its first draft of an answer."""
        return (len(text) - len(self.held.get(sequence, ()))) * self.seconds_per_prompt_token

    def forget(self, sequence: int) -> None:
        if self.held.pop(sequence, None) is not None:
            self.context.clear(sequence)

    def propose(self, wishes: list[Wish]) -> list[list[int]]:
        """Greedy continuations, all sequences in one batch a step."""
        if not wishes:
            return []
        try:
            return self._propose(wishes)
        except CacheFull:  # its sequences do not share their cells: start over rather than plan for the worst
            for sequence in list(self.held):
                self.forget(sequence)
            return [[] for _ in wishes]

    def _propose(self, wishes: list[Wish]) -> list[list[int]]:
        drafts: list[list[int]] = [[] for _ in wishes]
        last = [self._catch_up(wish) for wish in wishes]
        began, steps = time.perf_counter(), 0
        alive = list(range(len(wishes)))
        while alive:
            tokens = [last[i] for i in alive]
            positions = [len(self.held[wishes[i].sequence]) for i in alive]
            sequences = [wishes[i].sequence for i in alive]
            logits = self.context.decode(tokens, positions, sequences, [True] * len(alive))
            steps += 1
            for i, row in zip(alive, logits, strict=True):
                self.held[wishes[i].sequence].append(last[i])
                last[i] = int(row.argmax())
                drafts[i].append(last[i])
            ends = self.context.weights.vocab.ends
            alive = [i for i in alive if len(drafts[i]) < wishes[i].count and last[i] not in ends]
        self.seconds_per_token += FOLLOW * ((time.perf_counter() - began) / steps - self.seconds_per_token)
        return drafts

    def _catch_up(self, wish: Wish) -> int:
        """Computes everything but the last token of the text, which is returned."""
        held = self.held.setdefault(wish.sequence, [])
        same = min(common(held, wish.text), len(wish.text) - 1)
        if same < len(held):
            self.context.cut(wish.sequence, same)
            del held[same:]
        missing = wish.text[same:-1]
        for start in range(0, len(missing), self.context.batch_size):
            piece = missing[start : start + self.context.batch_size]
            count = len(piece)
            positions = list(range(len(held), len(held) + count))
            self.context.decode(piece, positions, [wish.sequence] * count, [False] * count)
            held.extend(piece)
        return wish.text[-1]


def open_draft(path: Path, target: LlamaContext, *, threads: int, gpu_layers: int) -> DraftModel:
    """Raises ConfigError when the two models do not speak the same tokens."""
    weights = open_weights(path, gpu_layers)
    if weights.vocab.pieces != target.weights.vocab.pieces:
        raise ConfigError(
            f"the draft model {path.name} has another vocabulary than {target.weights.path.name}",
            "a draft model must come from the same family",
        )
    if weights.recurrent:
        raise ConfigError(f"the draft model {path.name} is recurrent and cannot take back a wrong draft")
    context = LlamaContext(
        weights,
        cells=target.cells,
        sequences=target.sequences,
        batch=target.batch_size,
        outputs=target.outputs,
        threads=threads,
        offload=gpu_layers != 0,
    )
    model = DraftModel(context)
    model.seconds_per_token = min(StepCost.time(context, 1) for _ in range(3))
    rows = min(64, context.outputs)
    model.seconds_per_prompt_token = min(StepCost.time(context, rows) for _ in range(3)) / rows
    return model
