"""Point 10: what recorded runs tell without a model: prompt tokens from the cache and accepted drafts, by graph and role."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from agentflow.runs.calls import calls
from agentflow.runs.store import RunStore

COUNTS = ("prompt", "cached", "completion", "drafted", "accepted")


def measure(databases: list[Path]) -> dict[str, dict[str, Any]]:
    """`tokens a step`: written, over the steps that were needed for them."""
    totals: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    seen: dict[str, set[str]] = defaultdict(set)
    for database in databases:
        store = RunStore(database, create=False)
        for run in store.list(limit=1000):
            for call in calls(store, run.id, kind="model"):
                name = f"{run.graph}, {call.request['role']}"
                seen[name].add(run.id)
                for answer in (call.result or {}).get("answers", []):
                    for count in COUNTS:
                        totals[name][count] += answer["usage"][count]
        store.close()
    return {name: row(len(seen[name]), counts) for name, counts in sorted(totals.items())}


def row(runs: int, counts: dict[str, int]) -> dict[str, Any]:
    prompt, cached, completion, drafted, accepted = (counts[name] for name in COUNTS)
    return {
        "runs": runs,
        "prompt tokens": prompt,
        "from the cache": round(cached / max(1, prompt), 3),
        "written": completion,
        "accepted drafts": f"{accepted} of {drafted}",
        "tokens a step": round(completion / max(1, completion - accepted), 2),
    }
