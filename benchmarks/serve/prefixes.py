"""Point 5: prefixes that come back from memory and disk, against computing them again; real text, real weights."""

import tempfile
from pathlib import Path
from typing import Any

from agentflow.serving.config import PrefixStoreConfig
from agentflow.serving.engine.engine import InferenceEngine
from benchmarks.serve.engines import Clock, open_engine, start

PASSAGES = 900  # tokens of text before the questions
QUESTIONS = (
    "What is this about, in one sentence?",
    "Which command is named first?",
    "What must never happen?",
    "List three nouns from the text.",
)
ANSWER = 24


def prompts(engine: InferenceEngine, documents: list[Path]) -> list[list[int]]:
    """Each document with each question behind it, as a graph asks."""
    found: list[list[int]] = []
    for path in documents:
        text = engine.vocab.tokenize(path.read_text("utf-8"))[:PASSAGES]
        found += [[*text, *engine.vocab.tokenize(f"\n\nQuestion: {question}\nAnswer:")] for question in QUESTIONS]
    return found


def ask_all(engine: InferenceEngine, asked: list[list[int]]) -> dict[str, Any]:
    """One after the other, greedy, without drafts: how long these are follows the clock, and another batch rounds otherwise."""
    clock, computed = Clock(), 0
    answers: list[list[int]] = []
    for prompt in asked:
        replay = start(engine, prompt, ANSWER, logprobs=0, drafting=False)
        statistics = replay.statistics()
        computed += statistics.prompt - statistics.cached
        answers.append(replay.tokens)
    return {"answers": answers, "computed": computed, "seconds": clock.seconds, "cpu": clock.cpu}


def measure(path: Path, threads: int, documents: list[Path]) -> dict[str, dict[str, Any]]:
    """Rows: no store, the first run with it, from memory, after a restart from disk."""
    made: dict[str, dict[str, Any]] = {}
    loaded: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        config = PrefixStoreConfig(folder=Path(folder), identity=str(path))
        with open_engine(path, threads) as engine:
            asked = prompts(engine, documents)
            made["no store"] = ask_all(engine, asked)
            price = engine.cost.per_prompt_token
        with open_engine(path, threads, store=config) as engine:
            made["first run"] = ask_all(engine, asked)
            engine.call(engine.kv_cache.drop_idle).result(60)
            made["again, from memory"] = ask_all(engine, asked)
            loaded["again, from memory"] = loading(engine)
        with open_engine(path, threads, store=config) as engine:
            made["again, new process, from disk"] = ask_all(engine, asked)
            loaded["again, new process, from disk"] = loading(engine)
    expected, first = made["no store"]["answers"], made["first run"]["computed"]
    return {
        name: {
            "prompt tokens": sum(map(len, asked)),
            "computed": row["computed"],
            "of the first run": round(row["computed"] / first, 4),
            "same answers": f"{sum(map(list.__eq__, expected, row['answers']))} of {len(expected)}",
            "CPU, to no store": round(row["cpu"] / made["no store"]["cpu"], 3),
            "bytes a token": round(loaded.get(name, {}).get("bytes", 0)) or None,
            "loading a token, to computing it": round(loaded[name]["seconds"] / price, 4) if name in loaded else None,
        }
        for name, row in made.items()
    }


def loading(engine: InferenceEngine) -> dict[str, float]:
    """Bytes and seconds for each token that was loaded."""
    assert engine.kv_cache.store is not None
    told = engine.kv_cache.store.statistics
    storey = "disk" if told.rates["memory"] == 2e9 else "memory"
    size = told.loaded_bytes / max(1, told.loaded_tokens)
    return {"bytes": size, "seconds": size / told.rates[storey]}
