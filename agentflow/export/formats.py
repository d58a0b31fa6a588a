"""The forms a run can be exported in, by name."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Literal, get_args

from agentflow.errors import AgentflowError
from agentflow.export.bibtex import to_bibtex
from agentflow.export.bundle import to_bundle
from agentflow.export.csl import csl_items
from agentflow.export.dates import undated, with_own_dates
from agentflow.export.document import html_of, title_of, to_markdown
from agentflow.research.report.markdown import render
from agentflow.research.report.of_run import report_of
from agentflow.research.report.schema import Report
from agentflow.runs.event_log import read
from agentflow.runs.outcome import Outcome
from agentflow.runs.store import RunStore

Format = Literal["md", "html", "docx", "pdf", "latex", "svg", "json", "bibtex", "csl", "jsonl", "bundle"]
SUFFIXES = {
    "md": "md", "html": "html", "docx": "docx", "pdf": "pdf", "latex": "tex", "svg": "svg", "json": "json",
    "bibtex": "bib", "csl": "csl.json", "jsonl": "jsonl", "bundle": "zip",
}  # fmt: skip


def form_of(name: str) -> str:
    """The form that a file's ending stands for; empty for another ending."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    aliases = {"htm": "html", "markdown": "md", "txt": "md", "csl": "csl"}
    if name.lower().endswith(".csl.json"):
        return "csl"
    return next((form for form, suffix in SUFFIXES.items() if suffix == ending), aliases.get(ending, ""))


def form_for(name: str) -> str:
    """The same; Markdown without an ending. Raises AgentflowError for an ending that none has."""
    if form := form_of(name):
        return form
    if "." not in name.lstrip("."):
        return "md"
    raise AgentflowError(
        f"no format is written as '{name}'", f"end it in one of: {', '.join(SUFFIXES.values())}; or give --to"
    )


def document(markdown: str, title: str, form: str) -> bytes:
    """A report's Markdown in a form that people read: md, html, docx, pdf or latex."""
    match form:
        case "html":
            return html_of(markdown, title).encode()
        case "docx":
            from agentflow.export.word import to_docx

            return to_docx(markdown, title)
        case "pdf":
            from agentflow.export.pdf import to_pdf

            return to_pdf(markdown, title)
        case "latex":
            from agentflow.export.latex import to_latex

            return to_latex(markdown, title).encode()
    return markdown.encode()


def report_file(report: Report, form: str, database: Path | None, style: str = "") -> bytes:
    """The same of a research report, with citations in a `style`. Its HTML shows the passages around the quotes, from the
    `database`; `svg` is the timeline of its sources."""
    from agentflow.export.citations import cited

    styled = cited(with_own_dates(report, database), style) if style else None
    match form:
        case "html":
            from agentflow.export.passages import around
            from agentflow.export.report_html import to_report_html

            return to_report_html(report, around(database, report) if database else {}, styled).encode()
        case "svg":
            from agentflow.export.timeline import to_svg

            if not (picture := to_svg(report)):
                raise AgentflowError("no source of this report has a date", "export another form: --to html")
            return picture.encode()
    return document(render(report, styled), report.question, form)


def export(store: RunStore, outcome: Outcome, form: str, style: str = "", corpus: Path | None = None) -> bytes:
    """The bytes of the file. With the database of the `corpus`, HTML shows the passages around the quotes. Raises AgentflowError for an unknown form, and for one that the run has no report for."""
    report = report_of(outcome)
    match form:
        case "md" | "html" | "docx" | "pdf" | "latex" | "svg" if report:
            return report_file(report, form, corpus, style)
        case "svg" | "csl" if not report:
            raise AgentflowError(f"run {outcome.run} has no sources", "export a run of `agentflow research`")
        case "csl":
            items = csl_items(with_own_dates(report, corpus)) if report else []
            return json.dumps(items, ensure_ascii=False, indent=2).encode()
        case "md" | "html" | "docx" | "pdf" | "latex":
            return document(to_markdown(outcome), title_of(outcome), form)
        case "json":
            return json.dumps(report.model_dump() if report else asdict(outcome), ensure_ascii=False, indent=2).encode()
        case "bibtex":
            return to_bibtex(outcome, undated(corpus)).encode()
        case "jsonl":
            events = (entry.event.to_json() for entry in read(store, outcome.run))
            return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events).encode()
        case "bundle":
            return to_bundle(store, outcome)
    raise AgentflowError(f"no format named '{form}'", f"known: {', '.join(get_args(Format))}, otel")
