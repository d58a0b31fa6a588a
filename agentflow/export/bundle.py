"""Everything about a run in one zip: what was asked, each call with its answer, the events, the report, the graph."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agentflow.export.bibtex import to_bibtex
from agentflow.export.document import to_html, to_markdown
from agentflow.runs.calls import calls
from agentflow.runs.event_log import read
from agentflow.runs.outcome import Outcome
from agentflow.runs.store import RunStore
from agentflow.runs.trace import trace
from agentflow.version import __version__

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold: equal runs give equal files


def to_bundle(store: RunStore, outcome: Outcome) -> bytes:
    """MANIFEST.json names the sha256 of every other file."""
    run = store.load(outcome.run)
    events = [entry.event for entry in read(store, run.id)]
    files = {
        "run.json": _json({**asdict(run), "usage": asdict(outcome.usage)}),
        "report.md": to_markdown(outcome).encode(),
        "report.html": to_html(outcome).encode(),
        "events.jsonl": _lines(event.to_json() for event in events),
        "trace.jsonl": "".join(f"{line}\n" for line in trace(events)).encode(),
        "calls.jsonl": _lines(asdict(call) for call in calls(store, run.id)),
    }
    if bibliography := to_bibtex(outcome):
        files["evidence.bib"] = bibliography.encode()
    source = Path(run.source)
    if source.is_file():
        files[f"graph{source.suffix}"] = source.read_bytes()
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files["MANIFEST.json"] = _json({"agentflow": __version__, "run": run.id, "sha256": hashes})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in sorted(files.items()):
            out.writestr(zipfile.ZipInfo(f"{run.id}/{name}", EPOCH), data, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass")


def _lines(items: Iterable[dict[str, Any]]) -> bytes:
    rows = (json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    return "".join(rows).encode("utf-8", "surrogatepass")
