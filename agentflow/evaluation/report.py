"""One self-contained HTML page: tables, plots, and every case with its answers, evidence and run. No outside request."""

import json
from pathlib import Path
from typing import Any

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.evaluation import Evaluation
from agentflow.evaluation.plots import Point, colour, intervals, scatter
from agentflow.evaluation.record import Record
from agentflow.evaluation.summary import Summary, summarise
from agentflow.evaluation.tables import cell, headline, sentence
from agentflow.storage.files import write_whole

TEMPLATE = Path(__file__).with_name("report.html.jinja")
LONGEST = 600  # characters of a case's field that the page shows
QUOTES = 8


def write_report(evaluation: Evaluation) -> Path:
    """Writes report.html beside the results."""
    path = evaluation.folder / "report.html"
    write_whole(path, render(evaluation, evaluation.results(), evaluation.load_cases()))
    return path


def render(evaluation: Evaluation, records: list[Record], cases: dict[str, Case]) -> str:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    summary = summarise(evaluation, records)
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(
        TEMPLATE.read_text("utf-8")
    )
    names = [row.variant for row in summary.rows]
    return page.render(
        evaluation=evaluation,
        title=headline(evaluation),
        metrics=summary.metrics,
        rows=[
            (row.variant, colour(n), [cell(m, row.estimates[m]) for m in summary.metrics])
            for n, row in enumerate(summary.rows)
        ],
        said=[sentence(item) for item in summary.comparisons],
        notes=summary.notes,
        plots=[Markup(plot) for plot in _plots(evaluation, summary) if plot],
        slices=Markup(_slices(summary, names)),
        data=Markup(_island({"names": names, "primary": evaluation.primary, "cases": details(records, cases)})),
    )


def _plots(evaluation: Evaluation, summary: Summary) -> list[str]:
    def points(cost: str) -> list[Point]:
        return [Point(r.variant, r.estimates[cost], r.estimates[evaluation.primary]) for r in summary.rows]

    return [scatter(points("tokens"), "tokens per case", evaluation.primary),
            scatter(points("seconds"), "seconds per case", evaluation.primary)]  # fmt: skip


def _slices(summary: Summary, names: list[str]) -> str:
    rows = [(name, [found[variant] for variant in names]) for name, found in list(summary.slices.items())[:40]]
    return intervals(rows, names, "by slice") if rows else ""


def details(records: list[Record], cases: dict[str, Case]) -> list[dict[str, Any]]:
    """What the page shows of each case: its short fields, and per run the answer, scores and quotes."""
    found: dict[str, dict[str, Any]] = {}
    for record in records:
        case = cases.get(record.case)
        fields = {name: _short(value) for name, value in (case.fields if case else {}).items()}
        entry = found.setdefault(record.case, {"id": record.case, "fields": fields, "runs": []})
        output = record.output
        entry["runs"].append(
            {
                "variant": record.variant, "run": record.run, "status": record.status, "message": record.message,
                "answer": _short(output.get("answer", output.get("calls", output.get("text", "")))),
                "scores": {n: v if v is None else round(v, 4) for n, v in record.metrics().items()},
                "claims": [f"{c['text']} [{c['support']}: {', '.join(map(str, c['evidence']))}]" for c in output.get("claims", [])],
                "evidence": [
                    {"id": q["id"], "place": f"{q['path']}:{q['line']}", "quote": _short(q["quote"])}
                    for q in output.get("evidence", [])[:QUOTES]
                ],
                "passages": [f"{p['path']}:{p['line']}" for p in output.get("passages", [])[:QUOTES]],
                "problems": record.problems,
            }
        )  # fmt: skip
    return list(found.values())


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[:LONGEST] + " …"


def _island(data: dict[str, Any]) -> str:
    """JSON that cannot end its script element."""
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
