"""The counters in Prometheus' text form."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentflow.serving.loaded_models import LoadedModels

COUNTERS = {
    "requests": "Answers completed",
    "refused": "Requests refused because the queue was full",
    "cancelled": "Answers given up: client gone or deadline passed",
    "prompt_tokens": "Prompt tokens of completed answers",
    "cached_tokens": "Prompt tokens that were not computed again",
    "completion_tokens": "Tokens written",
    "prefilled_tokens": "Prompt tokens computed",
    "steps": "Batches decoded",
    "batch_tokens": "Tokens in those batches",
    "step_seconds": "Seconds of all steps, Python included",
    "decode_seconds": "Seconds inside llama_decode",
    "python_seconds": "CPU seconds of the engine's thread outside llama_decode",
    "drafted_tokens": "Tokens drafted",
    "accepted_tokens": "Drafted tokens that were right",
}
STORED = {  # of prefixes that left the window and came back
    "saved_tokens": "Prompt tokens whose state was saved",
    "saved_bytes": "Bytes of those states",
    "loaded_tokens": "Prompt tokens whose state was loaded instead of computed",
    "loaded_bytes": "Bytes of those states",
}
ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def exposition(loaded: "LoadedModels") -> str:
    engines = loaded.engines
    totals = {name: engine.totals.counters() for name, engine in engines.items()}
    stores = {name: engine.kv_cache.store for name, engine in engines.items()}
    stored = {name: asdict(store.statistics) for name, store in stores.items() if store is not None}
    lines: list[str] = []
    for key, meaning in COUNTERS.items():
        lines += family(
            f"{key}_total", "counter", {labels(name): count[key] for name, count in totals.items()}, meaning
        )
    for index, kind in enumerate(("drafted", "accepted")):
        by_source = {
            labels(name, source=source): pair[index]
            for name, engine in engines.items()
            for source, pair in engine.totals.by_source.items()
        }
        lines += family(f"{kind}_by_source_total", "counter", by_source)
    for key, meaning in STORED.items():
        values = {labels(name): count[key] for name, count in stored.items()}
        lines += family(f"prefix_{key}_total", "counter", values, meaning)
    lines += family("running", "gauge", {labels(name): engine.busy for name, engine in engines.items()})
    lines += family("waiting", "gauge", {labels(name): engine.queued for name, engine in engines.items()})
    lines += family(
        "cells_used", "gauge", {labels(name): engine.kv_cache.tree.size for name, engine in engines.items()}
    )
    lines += family("cells", "gauge", {labels(name): engine.context.cells for name, engine in engines.items()})
    return "\n".join(lines) + "\n"


def family(name: str, kind: str, values: Mapping[str, float], meaning: str = "") -> list[str]:
    """The lines of one metric; `values` are by labels."""
    said = [f"# HELP agentflow_{name} {meaning}."] if meaning else []
    samples = [f"agentflow_{name}{{{at}}} {value}" for at, value in values.items()]
    return [*said, f"# TYPE agentflow_{name} {kind}", *samples]


def labels(model: str = "", **more: str) -> str:
    pairs = {"model": model, **more} if model else more
    return ",".join(f'{key}="{value.translate(ESCAPES)}"' for key, value in pairs.items())
