"""The counters in Prometheus' text form."""

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


def exposition(loaded: "LoadedModels") -> str:
    lines: list[str] = []
    totals = {name: chat.engine.totals for name, chat in loaded.chats.items()}
    counted = {name: total.counters() for name, total in totals.items()}
    for counter, meaning in COUNTERS.items():
        lines += [f"# HELP agentflow_{counter}_total {meaning}.", f"# TYPE agentflow_{counter}_total counter"]
        lines += [f'agentflow_{counter}_total{{model="{name}"}} {total[counter]}' for name, total in counted.items()]
    for index, kind in enumerate(("drafted", "accepted")):
        lines.append(f"# TYPE agentflow_{kind}_by_source_total counter")
        for name, total in totals.items():
            for source, pair in total.by_source.items():
                label = f'model="{name}",source="{source}"'
                lines.append(f"agentflow_{kind}_by_source_total{{{label}}} {pair[index]}")
    for counter, (told, stored) in store_counters(loaded).items():
        lines += [f"# HELP agentflow_{counter}_total {told}.", f"# TYPE agentflow_{counter}_total counter"]
        lines += [f'agentflow_{counter}_total{{model="{name}"}} {value}' for name, value in stored.items()]
    for gauge, values in gauges(loaded).items():
        lines.append(f"# TYPE agentflow_{gauge} gauge")
        lines += [f'agentflow_{gauge}{{model="{name}"}} {value}' for name, value in values.items()]
    return "\n".join(lines) + "\n"


def store_counters(loaded: "LoadedModels") -> dict[str, tuple[str, dict[str, int]]]:
    """Of prefixes that left the window and came back."""
    stores = {name: chat.engine.kv_cache.store for name, chat in loaded.chats.items()}
    found = {name: asdict(store.statistics) for name, store in stores.items() if store is not None}
    meanings = {
        "saved_tokens": "Prompt tokens whose state was saved",
        "saved_bytes": "Bytes of those states",
        "loaded_tokens": "Prompt tokens whose state was loaded instead of computed",
        "loaded_bytes": "Bytes of those states",
    }
    return {
        f"prefix_{key}": (meaning, {name: total[key] for name, total in found.items()})
        for key, meaning in meanings.items()
    }


def gauges(loaded: "LoadedModels") -> dict[str, dict[str, int]]:
    engines = {name: chat.engine for name, chat in loaded.chats.items()}
    return {
        "running": {name: engine.busy for name, engine in engines.items()},
        "waiting": {name: engine.queued for name, engine in engines.items()},
        "cells_used": {name: engine.kv_cache.tree.size for name, engine in engines.items()},
        "cells": {name: engine.context.cells for name, engine in engines.items()},
    }
