"""Point 7: whether an answer is the same however it came about, and how near a tie was where it is not.

A token is the greedy choice by its logit; a batch of another shape rounds otherwise. So each answer that differs from the one
computed alone is told with the gap between the two best tokens of the first place where they part, in nats. A gap that is no tie is
looked into: llama.cpp is asked for the same place by itself, without this engine, the same tokens in batches of other shapes.
"""

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow.serving.engine.engine import InferenceEngine
from benchmarks.serve.engines import Replay, open_engine, start

TEXT = 120  # tokens before the question
QUESTION = "\n\nQuestion: What is said here?\nAnswer:"
ANSWER = 24
AT_ONCE = 8
TIE = 1e-3


def prompts(engine: InferenceEngine, documents: list[Path], most: int) -> list[list[int]]:
    """Pieces of the documents, each with the same question behind it."""
    asked = engine.vocab.tokenize(QUESTION)
    texts = [engine.vocab.tokenize(path.read_text("utf-8")) for path in documents]
    return [[*text[at : at + TEXT], *asked] for text in texts for at in range(0, len(text) - TEXT, TEXT)][:most]


def measure(path: Path, threads: int, documents: list[Path], first: int, most: int) -> dict[str, dict[str, Any]]:
    """Rows: computed alone a second time, over a prefix that stayed, with drafting, eight at a time. Of the answers from
    `first` on, at most `most`."""
    with open_engine(path, threads, parallel=AT_ONCE) as engine:
        asked = prompts(engine, documents, first + most)[first:]
        alone = [answer(engine, prompt, fresh=True) for prompt in asked]
        ways = {
            "computed again": [answer(engine, prompt, fresh=True) for prompt in asked],
            "over a prefix that stayed": [answer(engine, prompt) for prompt in asked],
            "drafted": [answer(engine, prompt, drafting=True) for prompt in asked],
            "eight at a time": together(engine, asked),
        }
        return {name: compared(engine, asked, alone, made) for name, made in ways.items()}


def answer(engine: InferenceEngine, prompt: list[int], *, fresh: bool = False, drafting: bool = False) -> Replay:
    if fresh:
        engine.call(engine.kv_cache.drop_idle).result(60)
    replay = start(engine, prompt, ANSWER, logprobs=2, drafting=drafting, ignore_end=True)
    replay.statistics()
    return replay


def together(engine: InferenceEngine, asked: list[list[int]]) -> list[Replay]:
    made: list[Replay] = []
    for at in range(0, len(asked), AT_ONCE):
        engine.call(engine.kv_cache.drop_idle).result(60)
        group = [
            start(engine, prompt, ANSWER, logprobs=2, drafting=False, ignore_end=True)
            for prompt in asked[at : at + AT_ONCE]
        ]
        for replay in group:
            replay.statistics()
        made += group
    return made


def compared(
    engine: InferenceEngine, asked: list[list[int]], alone: list[Replay], made: list[Replay]
) -> dict[str, Any]:
    parted = [
        Parting.of(engine, prompt, one, other)
        for prompt, one, other in zip(asked, alone, made, strict=True)
        if one.tokens != other.tokens
    ]
    return {"answers": len(alone), "parted": [[round(one.gap, 5), round(one.spread, 5)] for one in parted]}


def summary(pieces: list[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Of all pieces, by way."""
    found: dict[str, dict[str, Any]] = {}
    for name in pieces[0]:
        answers = sum(piece[name]["answers"] for piece in pieces)
        parted = [pair for piece in pieces for pair in piece[name]["parted"]]
        gaps = [gap for gap, _ in parted]
        found[name] = {
            "same answers": f"{answers - len(parted)} of {answers}",
            f"parted at a gap below {TIE:g}": f"{sum(gap < TIE for gap in gaps)} of {len(gaps)}",
            "at one that llama.cpp's own batches differ by": f"{sum(gap <= spread for gap, spread in parted)} of {len(gaps)}",
            "median gap": round(statistics.median(gaps), 4) if gaps else None,
            "widest gap": round(max(gaps), 4) if gaps else None,
        }
    return found


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two answers to one prompt part: the gap between the two best tokens in the first of them, and the spread of that
    gap over the ways of computing the place in llama.cpp itself."""

    gap: float
    spread: float

    @classmethod
    def of(cls, engine: InferenceEngine, prompt: list[int], one: Replay, other: Replay) -> "Parting":
        place = next(at for at, pair in enumerate(zip(one.tokens, other.tokens, strict=True)) if pair[0] != pair[1])
        (best, score), (second, less) = sorted(one.scores[place].top, key=lambda pair: -pair[1])[:2]
        engine.call(engine.kv_cache.drop_idle).result(60)
        text = [*prompt, *one.tokens[:place]]
        shapes = ([len(prompt), *[1] * place], [len(text)], [*[8] * (len(text) // 8), len(text) % 8])
        margins = engine.call(lambda: [margin(engine, text, shape, best, second) for shape in shapes]).result(600)
        return cls(float(score - less), max(margins) - min(margins))


def margin(engine: InferenceEngine, text: list[int], shape: list[int], best: int, second: int) -> float:
    """Of one token's logit over another's behind the text, which is computed in batches of these sizes."""
    context, at = engine.context, 0
    for size in filter(None, shape):
        places = list(range(at, at + size))
        logits = context.decode(text[at : at + size], places, [0] * size, [place == len(text) - 1 for place in places])
        at += size
    gap = float(logits[0][best] - logits[0][second])
    context.clear(0)
    return gap
