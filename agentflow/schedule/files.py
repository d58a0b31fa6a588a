"""Whether the files of a schedule have changed."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from agentflow.corpus.files.walk import find_files


def state_of(docs: Sequence[Path], state: Path) -> str:
    """A hash of names, sizes and times of the files that an ingest would read; empty where a folder is gone."""
    there = [path for path in docs if path.exists()]
    if not there:
        return ""
    found = hashlib.sha256()
    for path in find_files(there, state=state).files:
        try:
            status = os.stat(path)
        except OSError:
            continue
        found.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return found.hexdigest()
