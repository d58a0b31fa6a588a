"""The forms a run can be exported in, by name."""

import json
from dataclasses import asdict
from typing import Literal, get_args

from agentflow.errors import AgentflowError
from agentflow.export.bibtex import to_bibtex
from agentflow.export.bundle import to_bundle
from agentflow.export.document import html_of, title_of, to_markdown
from agentflow.research.report import report_of
from agentflow.runs.event_log import read
from agentflow.runs.outcome import Outcome
from agentflow.runs.store import RunStore

Format = Literal["md", "html", "docx", "pdf", "json", "bibtex", "jsonl", "bundle"]
SUFFIXES = {
    "md": "md",
    "html": "html",
    "docx": "docx",
    "pdf": "pdf",
    "json": "json",
    "bibtex": "bib",
    "jsonl": "jsonl",
    "bundle": "zip",
}


def form_of(name: str) -> str:
    """The form that a file's ending stands for; empty for another ending."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    aliases = {"htm": "html", "markdown": "md"}
    return next((form for form, suffix in SUFFIXES.items() if suffix == ending), aliases.get(ending, ""))


def document(markdown: str, title: str, form: str) -> bytes:
    """A report's Markdown in a form that people read: md, html, docx or pdf."""
    match form:
        case "html":
            return html_of(markdown, title).encode()
        case "docx":
            from agentflow.export.word import to_docx

            return to_docx(markdown, title)
        case "pdf":
            from agentflow.export.pdf import to_pdf

            return to_pdf(markdown, title)
    return markdown.encode()


def export(store: RunStore, outcome: Outcome, form: str) -> bytes:
    """The bytes of the file. Raises AgentflowError for an unknown form."""
    match form:
        case "md" | "html" | "docx" | "pdf":
            return document(to_markdown(outcome), title_of(outcome), form)
        case "json":
            report = report_of(outcome)
            return json.dumps(report.model_dump() if report else asdict(outcome), ensure_ascii=False, indent=2).encode()
        case "bibtex":
            return to_bibtex(outcome).encode()
        case "jsonl":
            events = (entry.event.to_json() for entry in read(store, outcome.run))
            return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events).encode()
        case "bundle":
            return to_bundle(store, outcome)
    raise AgentflowError(f"no format named '{form}'", f"known: {', '.join(get_args(Format))}, otel")
