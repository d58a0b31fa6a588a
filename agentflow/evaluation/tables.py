"""The tables of an evaluation: for the terminal (rich), for a document (Markdown), for programs (plain JSON)."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agentflow.evaluation.evaluation import Evaluation
from agentflow.evaluation.statistics import Estimate
from agentflow.evaluation.summary import Comparison, Summary, SummaryRow

if TYPE_CHECKING:
    from rich.console import RenderableType

WHOLE = ("tokens", "model_calls")


def value(metric: str, mean: float) -> str:
    if math.isnan(mean):
        return "–"
    if metric in WHOLE:
        return f"{mean:,.0f}" if mean >= 10 else f"{mean:.1f}"
    return f"{mean:.2f}" if metric == "seconds" else f"{mean:.3f}"


def cell(metric: str, found: Estimate) -> str:
    """`0.412 [0.301, 0.523]`; costs without an interval."""
    if metric in (*WHOLE, "seconds", "cached", "acceptance") or math.isnan(found.low):
        return value(metric, found.mean)
    return f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"


def sentence(item: Comparison) -> str:
    d = item.difference
    if d.n < 2:
        return f"{item.second} against {item.first}: too few cases in common"
    return (
        f"{item.second} against {item.first}: {item.metric} {d.mean:+.3f} [{d.low:+.3f}, {d.high:+.3f}], n={d.n},"
        f" p={d.p:.3g}, corrected {d.corrected:.3g}: {item.verdict}"
    )


def headline(evaluation: Evaluation) -> str:
    runs = f"{evaluation.cases} cases" + (f" × {evaluation.repeats} repeats" if evaluation.repeats > 1 else "")
    sample = ", the sample that ships" if evaluation.sampled else ""
    return f"{evaluation.id}: {evaluation.description} ({runs} of {evaluation.data}{sample})"


def terminal(evaluation: Evaluation, summary: Summary) -> "RenderableType":
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(title=headline(evaluation), title_justify="left", title_style="bold")
    table.add_column("")
    for row in summary.rows:
        table.add_column(_label(row), justify="right")
    for metric in summary.metrics:
        style = "bold" if metric == evaluation.primary else ""
        table.add_row(metric, *(cell(metric, row.estimates[metric]) for row in summary.rows), style=style)
    lines = [Text(sentence(item)) for item in summary.comparisons]
    return Group(table, *lines, *(Text(note, style="yellow") for note in summary.notes))


def _label(row: SummaryRow) -> str:
    return row.variant + (f" ({row.failed} failed)" if row.failed else "")


def markdown(evaluation: Evaluation, summary: Summary) -> str:
    """A section of a document: the table, then what the comparison says."""
    head = "| variant | " + " | ".join(summary.metrics) + " |"
    rule = "|---|" + "---:|" * len(summary.metrics)
    body = [
        f"| {_label(row)} | " + " | ".join(cell(metric, row.estimates[metric]) for metric in summary.metrics) + " |"
        for row in summary.rows
    ]
    said = [f"- {sentence(item)}" for item in summary.comparisons] + [f"- {note}" for note in summary.notes]
    return "\n".join(
        [f"### {headline(evaluation)}", "", head, rule, *body, "", *said, "", *by_slice(evaluation, summary)]
    )


def by_slice(evaluation: Evaluation, summary: Summary) -> list[str]:
    """The primary metric by the suite's slices, when there is more than one of a kind."""
    variants = list(evaluation.variants)
    rows = [
        f"| {name} | {max(found[v].n for v in variants)} | "
        + " | ".join(cell(evaluation.primary, found[v]) for v in variants)
        + " |"
        for name, found in summary.slices.items()
        if any(found[v].n for v in variants)
    ]
    if len(rows) < 2:
        return []
    return [
        f"| {evaluation.primary} by | cases | {' | '.join(variants)} |",
        "|---|---:|" + "---:|" * len(variants),
        *rows,
        "",
    ]


def as_json(evaluation: Evaluation, summary: Summary) -> dict[str, Any]:
    """Plain JSON; a number that is not known is null."""
    return {
        "id": evaluation.id, "suite": evaluation.suite, "created": evaluation.created, "finished": evaluation.finished,
        "data": evaluation.data, "sampled": evaluation.sampled, "cases": evaluation.cases, "primary": evaluation.primary,
        "folder": str(evaluation.folder),
        "variants": [plain(asdict(row)) for row in summary.rows],
        "comparisons": [plain({**asdict(item), "verdict": item.verdict}) for item in summary.comparisons],
        "slices": plain({name: {v: asdict(e) for v, e in found.items()} for name, found in summary.slices.items()}),
        "notes": summary.notes,
    }  # fmt: skip


def plain(value: Any) -> Any:
    """NaN, which JSON does not know, becomes null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
