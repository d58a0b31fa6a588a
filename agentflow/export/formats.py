"""The forms a run can be exported in, by name."""

import json
from dataclasses import asdict
from typing import Literal, get_args

from agentflow.errors import AgentflowError
from agentflow.export.bibtex import to_bibtex
from agentflow.export.bundle import to_bundle
from agentflow.export.document import report_of, to_html, to_markdown
from agentflow.runs.event_log import read
from agentflow.runs.outcome import Outcome
from agentflow.runs.store import RunStore

Format = Literal["md", "html", "json", "bibtex", "jsonl", "bundle"]
SUFFIXES = {"md": "md", "html": "html", "json": "json", "bibtex": "bib", "jsonl": "jsonl", "bundle": "zip"}


def export(catalog: RunStore, outcome: Outcome, form: str) -> bytes:
    """The bytes of the file. Raises AgentflowError for an unknown form."""
    match form:
        case "md":
            return to_markdown(outcome).encode()
        case "html":
            return to_html(outcome).encode()
        case "json":
            report = report_of(outcome)
            return json.dumps(report.model_dump() if report else asdict(outcome), ensure_ascii=False, indent=2).encode()
        case "bibtex":
            return to_bibtex(outcome).encode()
        case "jsonl":
            events = (entry.event.to_json() for entry in read(catalog, outcome.run))
            return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events).encode()
        case "bundle":
            return to_bundle(catalog, outcome)
    raise AgentflowError(f"no format named '{form}'", f"known: {', '.join(get_args(Format))}, otel")
