"""Points 4 and 5: what a grammar costs, and what Python costs."""

import statistics
from typing import Any

from agentflow.models.client.prompted_tools import closed
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.text.grammar import GrammarCompiler
from benchmarks.serve.engines import Clock, start

TOKENS = 96
ARGUMENTS = {
    "query": {"type": "string", "minLength": 10, "maxLength": 120},
    "limit": {"type": "integer", "minimum": 1, "maximum": 50},
    "filters": {"type": "array", "items": {"type": "string"}, "maxItems": 4},
}
STEP = {
    "thought": {"type": "string", "minLength": 20, "maxLength": 200},
    "tool": {"enum": ["search", "read", "calculate", "answer"]},
    "arguments": closed(ARGUMENTS),
}
PLAN = closed({"steps": {"type": "array", "minItems": 8, "maxItems": 20, "items": closed(STEP)}})


def speed(engine: InferenceEngine, compiler: GrammarCompiler, width: int, constrained: bool) -> float:
    """Tokens a second while writing; the model's random logits are the worst case: nearly every token is refused."""
    prompts = [[1000 + i] * 8 for i in range(width)]
    grammars = [compiler.from_schema(PLAN) if constrained else None for _ in range(width)]
    clock = Clock()
    ends = [
        start(engine, prompt, TOKENS, grammar=g, drafting=False, ignore_end=not constrained)
        for prompt, g in zip(prompts, grammars, strict=True)
    ]
    written = sum(end.statistics().completion for end in ends)
    return written / clock.seconds


def measure(engine: InferenceEngine, compiler: GrammarCompiler, width: int, repeats: int) -> dict[str, Any]:
    speeds = {True: list[float](), False: list[float]()}
    speed(engine, compiler, width, True)
    for repeat in range(repeats):
        for constrained in (True, False) if repeat % 2 else (False, True):
            speeds[constrained].append(speed(engine, compiler, width, constrained))
    ratios = [c / f for c, f in zip(speeds[True], speeds[False], strict=True)]
    return {
        "constrained": round(statistics.median(speeds[True]), 1),
        "free": round(statistics.median(speeds[False]), 1),
        "ratio": round(statistics.median(ratios), 3),
    }


def overhead(engine: InferenceEngine, compiler: GrammarCompiler, width: int) -> dict[str, Any]:
    """Microseconds of a step outside llama_decode: planning, sampling, detokenising, handing out."""
    steps, python = engine.totals.steps, engine.totals.python_seconds
    speed(engine, compiler, width, False)
    count = engine.totals.steps - steps
    each = (engine.totals.python_seconds - python) / count * 1e6
    return {"microseconds_per_step": round(each), "share_of_10_ms": round(each / 10_000, 4), "steps": count}
