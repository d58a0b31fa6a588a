"""What happened to the parts, one JSON object a line: `at` (Unix seconds), `part`, `did`, and the facts of it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError

Show = Callable[[dict[str, Any]], None]


class Log:
    """Begins a new file; `show` hears each line too."""

    def __init__(self, path: Path, show: Show) -> None:
        self.path = path
        self.show = show
        path.write_text("")

    def tell(self, part: str, did: str, **facts: Any) -> None:
        line = {"at": round(time.time(), 4), "part": part, "did": did, **facts}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.show(line)


def read_log(path: Path) -> list[dict[str, Any]]:
    """Raises AgentflowError for a file that is missing or no log."""
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        if all({"at", "part", "did"} <= set(line) for line in lines):
            return lines
    except FileNotFoundError:
        raise AgentflowError(f"there is no log {path}", "agentflow chaos run PLAN writes one") from None
    except (OSError, ValueError, TypeError):
        pass
    raise AgentflowError(f"{path} is no log of agentflow chaos", "name the file that agentflow chaos run wrote")
