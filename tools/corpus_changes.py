"""What changed in the corpus since a snapshot, and the snapshot itself: documents by path and content hash."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context

NAME = r"^[a-z][a-z0-9_]{0,40}$"


class Change(TypedDict):
    document: str
    title: str
    change: Literal["new", "changed", "removed"]


def corpus_changes(
    snapshot: Annotated[str, Field(pattern=NAME, description="the snapshot's name")] = "watch",
    *,
    context: Context,
) -> list[Change]:
    """List the documents that are new, changed or removed since the named snapshot was kept; all are new at first."""
    path = snapshot_file(context, snapshot)
    before: dict[str, dict[str, str]] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    now = documents(context)
    found = [
        Change(document=name, title=item["title"], change="changed" if name in before else "new")
        for name, item in now.items()
        if item["sha256"] != before.get(name, {}).get("sha256")
    ]
    gone = [
        Change(document=name, title=item["title"], change="removed") for name, item in before.items() if name not in now
    ]
    return found + gone


def documents(context: Context) -> dict[str, dict[str, str]]:
    return {d.path: {"sha256": d.sha256, "title": d.title} for d in context.corpus.documents() if not d.error}


def snapshot_file(context: Context, name: str) -> Path:
    return context.project.state / "snapshots" / f"{name}.json"
