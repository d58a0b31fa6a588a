"""News as a person reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agentflow.corpus.evidence import one_line
from agentflow.research.report.markdown import inert
from agentflow.schedule.store import Schedule

HEADS = {"new": "New", "gone": "Gone", "changed": "Changed", "contradicted": "Contradicted"}


def worded(schedule: Schedule, news: Mapping[str, Any], at: float) -> str:
    """Markdown: what changed and nothing else, with the run that holds the whole report."""
    when = datetime.fromtimestamp(at, ZoneInfo(schedule.zone)).strftime("%Y-%m-%d %H:%M")
    parts = [f"## {when} {inert(one_line(schedule.title))}"]
    if message := news.get("message"):
        parts.append(f"The run {news['status']}: {inert(one_line(message))}")
    before, after = news.get("answer", ["", ""])
    if after and before != after:
        parts.append(f"**{inert(one_line(after))}**" + (f" (before: {inert(one_line(before))})" if before else ""))
    elif before and not after:
        parts.append(f"**There is not enough evidence any more.** (before: {inert(one_line(before))})")
    for name, head in HEADS.items():
        if items := news.get(name):
            parts.append("\n".join([f"{head}:", "", *(f"- {_item(item)}" for item in items)]))
    for key, old, new in news.get("output", []):
        was = "" if old is None else f"{inert(one_line(str(old)))} → "
        parts.append(f"{inert(str(key))}: {was}{inert(one_line(str(new)))}")
    return "\n\n".join([*parts, f"run {news['run']}"]) + "\n"


def _item(item: Any) -> str:
    """A claim, or a pair of what was said and what is said."""
    if isinstance(item, list):
        return f"{_claim(item[0])} → {_claim(item[1])}"
    return _claim(item)


def _claim(claim: Mapping[str, Any]) -> str:
    places = ", ".join(claim["sources"])
    return f"{inert(one_line(claim['text']))}{f' ({inert(places)})' if places else ''}"
