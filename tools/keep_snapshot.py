"""Remembers the corpus as it is, so that corpus_changes tells what came after."""

import json
from typing import Annotated

from pydantic import Field

from agentflow.context import Context
from agentflow.storage.files import write_whole

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
    write_whole(path, json.dumps(now))
    return len(now)
