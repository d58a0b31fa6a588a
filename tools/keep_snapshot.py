"""Remembers the corpus as it is, so that corpus_changes tells what came after."""

import json
from typing import Annotated

from pydantic import Field

from agentflow.context import Context

from .corpus_changes import NAME, documents, snapshot_file


def keep_snapshot(
    snapshot: Annotated[str, Field(pattern=NAME, description="the snapshot's name")] = "watch",
    *,
    context: Context,
) -> int:
    """Keep a snapshot of the corpus under a name; returns how many documents it holds."""
    now = documents(context)
    path = snapshot_file(context, snapshot)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(now), "utf-8")
    partial.replace(path)
    return len(now)
