"""Pass or fail: against fixed bounds, or against an earlier evaluation of the same cases."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError, ConfigError
from agentflow.evaluation.evaluate import evaluate
from agentflow.evaluation.evaluation import Evaluation
from agentflow.evaluation.layout import Choices
from agentflow.evaluation.record import Record, Records
from agentflow.evaluation.runner import OpenEngine
from agentflow.evaluation.summary import Summary, SummaryRow, compare, summarise
from agentflow.project import Project


def assert_suite(
    suite: str,
    *,
    min: Mapping[str, float] | None = None,
    max: Mapping[str, float] | None = None,
    project: Path | None = None,
    targets: Sequence[str] = (),
    models: Mapping[str, str] | None = None,
    open_engine: OpenEngine | None = None,
    **choices: Any,
) -> Summary:
    """Runs a suite and raises AssertionError with every bound that does not hold; returns the numbers.

    A bound is for all variants (`f1`) or for one (`research.f1`). `choices`: limit, sample, seed, repeats, jobs, data.
    """
    chosen = Choices(targets=targets, models=[dict(models)] if models else [], **choices)
    evaluation = asyncio.run(evaluate(Project.open(project), suite, chosen, open_engine=open_engine))
    summary = summarise(evaluation)
    faults = shortfalls(summary.rows, min or {}, max or {})
    faults += [f"{row.variant}: {row.failed} of {row.runs} runs failed" for row in summary.rows if row.failed]
    assert not faults, f"{evaluation.id}: " + "; ".join(faults) + f" (results in {evaluation.folder})"
    return summary


def shortfalls(rows: Sequence[SummaryRow], low: Mapping[str, float], high: Mapping[str, float]) -> list[str]:
    """Every bound that does not hold, in words. Raises AgentflowError for a metric that was not measured."""
    found = []
    for bounds, sign, word in ((low, 1, "below"), (high, -1, "above")):
        for name, bound in bounds.items():
            for row, metric in _named(rows, name):
                mean = row.estimates[metric].mean
                if not (mean - bound) * sign >= 0:  # NaN fails too
                    found.append(f"{row.variant}: {metric} {mean:.3f} is {word} {bound:g}")
    return found


def _named(rows: Sequence[SummaryRow], name: str) -> list[tuple[SummaryRow, str]]:
    hits = [(row, name) for row in rows if name in row.estimates]
    hits = hits or [(row, m) for row in rows for m in row.estimates if f"{row.variant}.{m}" == name]
    if not hits:
        known = sorted({metric for row in rows for metric in row.estimates})
        raise AgentflowError(f"no metric '{name}' was measured", f"known: {', '.join(known)}")
    return hits


def regressions(evaluation: Evaluation, baseline: Sequence[Record], tolerance: float) -> list[str]:
    """Variants that are worse than the baseline's of the same name: beyond noise, or by more than `tolerance`."""
    before, metric, found = _by_variant(baseline), evaluation.primary, []
    now = _by_variant(evaluation.results())
    shared = [name for name in now if name in before]
    if not shared:
        raise AgentflowError(
            f"{evaluation.id} and the baseline share no variant",
            f"here: {', '.join(now) or 'none'}; there: {', '.join(before) or 'none'}",
        )
    groups = {f"{name}, baseline": before[name] for name in shared} | {name: now[name] for name in shared}
    for item in compare(groups, [(f"{name}, baseline", name) for name in shared], metric):
        d = item.difference
        if d.n == 0:
            found.append(f"{item.second}: shares no case with the baseline")
        elif item.verdict == "worse" or d.mean < -tolerance:
            found.append(
                f"{item.second}: {metric} {d.mean:+.3f} [{d.low:+.3f}, {d.high:+.3f}], n={d.n}, p={d.corrected:.3g}"
            )
    return found


def load_baseline(path: Path) -> list[Record]:
    """The results.jsonl of an earlier evaluation. Raises ConfigError for a file that is none."""
    if not path.is_file():
        raise ConfigError(f"{path}:1:1: no such file", "copy the results.jsonl of a good evaluation there")
    try:
        records = Records(path).load()
    except (TypeError, json.JSONDecodeError) as error:
        raise ConfigError(
            f"{path}:1:1: not the results of an evaluation: {error}", "copy a results.jsonl there"
        ) from error
    if not records:
        raise ConfigError(f"{path}:1:1: holds no results", "copy the results.jsonl of a good evaluation there")
    return records


def _by_variant(records: Sequence[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.variant, []).append(record)
    return found
