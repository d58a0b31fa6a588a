"""Point 7: whether an answer is the same however it came about, and how near a tie was where it is not.

A token is the greedy choice by its logit; a batch of another shape rounds otherwise. So each answer that differs from the one
computed alone is told with the gap between the two best tokens of the first place where they part, in nats.
"""

import statistics
from pathlib import Path
from typing import Any

from agentflow.serving.engine.engine import Engine
from benchmarks.serve.engines import Replay, open_engine, start

TEXT = 240  # tokens before the question
QUESTION = "\n\nQuestion: What is said here?\nAnswer:"
ANSWER = 24
AT_ONCE = 8
TIE = 1e-3


def prompts(engine: Engine, documents: list[Path], most: int) -> list[list[int]]:
    """Pieces of the documents, each with the same question behind it."""
    asked = engine.vocab.tokenize(QUESTION)
    texts = [engine.vocab.tokenize(path.read_text("utf-8")) for path in documents]
    return [[*text[at : at + TEXT], *asked] for text in texts for at in range(0, len(text) - TEXT, TEXT)][:most]


def measure(path: Path, threads: int, documents: list[Path], most: int) -> dict[str, dict[str, Any]]:
    """Rows: computed alone a second time, over a prefix that stayed, with drafting, eight at a time."""
    with open_engine(path, threads, parallel=AT_ONCE) as engine:
        asked = prompts(engine, documents, most)
        alone = [answer(engine, prompt, fresh=True) for prompt in asked]
        ways = {
            "computed again": [answer(engine, prompt, fresh=True) for prompt in asked],
            "over a prefix that stayed": [answer(engine, prompt) for prompt in asked],
            "drafted": [answer(engine, prompt, drafting=True) for prompt in asked],
            "eight at a time": together(engine, asked),
        }
    return {name: compared(alone, made) for name, made in ways.items()}


def answer(engine: Engine, prompt: list[int], *, fresh: bool = False, drafting: bool = False) -> Replay:
    if fresh:
        engine.call(engine.kv_cache.drop_idle).result(60)
    replay = start(engine, prompt, ANSWER, logprobs=2, drafting=drafting, ignore_end=True)
    replay.statistics()
    return replay


def together(engine: Engine, asked: list[list[int]]) -> list[Replay]:
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


def compared(alone: list[Replay], made: list[Replay]) -> dict[str, Any]:
    gaps = [gap(one, other) for one, other in zip(alone, made, strict=True) if one.tokens != other.tokens]
    return {
        "same answers": f"{len(alone) - len(gaps)} of {len(alone)}",
        f"parted at a gap below {TIE:g}": f"{sum(one < TIE for one in gaps)} of {len(gaps)}",
        "median gap": round(statistics.median(gaps), 4) if gaps else None,
        "widest gap": round(max(gaps), 4) if gaps else None,
    }


def gap(one: Replay, other: Replay) -> float:
    """Between the two best tokens where the answers part, in the one that was computed alone."""
    place = next(at for at, pair in enumerate(zip(one.tokens, other.tokens, strict=True)) if pair[0] != pair[1])
    best, second = sorted((score for _, score in one.scores[place].top), reverse=True)[:2]
    return float(best - second)
