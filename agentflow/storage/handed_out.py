"""Files that a project wrote for a person, so that its own answers are not read as documents."""

import json
import os
import re
from pathlib import Path

from agentflow.storage.files import write_file

RECORD = "handed_out.jsonl"  # in the project's state: one absolute path a line
NAMED_BY_RUN = re.compile(r"(?:report|run)-\d{8}-\d{6}-[0-9a-f]{4}\.\w+")  # the names that commands choose


def hand_out(path: Path, data: bytes, state: Path) -> None:
    """Writes the file and remembers it. Raises AgentflowError where it cannot be written."""
    write_file(path, data)
    target = os.path.abspath(path)
    if state.is_dir() and Path(target) not in handed_out(state):
        with open(state / RECORD, "a", encoding="utf-8") as record:
            record.write(json.dumps(target) + "\n")


def handed_out(state: Path) -> frozenset[Path]:
    try:
        lines = (state / RECORD).read_text("utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(Path(json.loads(line)) for line in lines)
