"""What the conformance tests saw, kept as JSON, and the table of docs/models.md made from it."""

import json
import os
from pathlib import Path

FILE = Path(__file__).with_name("capabilities.json")
ORDER = ("embedded", "llama-server", "vllm", "ollama (fake)")


def seen() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
    return found


def record(server: str, capability: str, result: str) -> None:
    """Keeps a result when $AGENTFLOW_RECORD is set; else writes nothing."""
    if not os.environ.get("AGENTFLOW_RECORD"):
        return
    everything = seen()
    everything.setdefault(capability, {})[server] = result
    FILE.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n", "utf-8")


def table() -> str:
    """Markdown; a server that was not tried has an empty cell."""
    everything = seen()
    head = [f"| | {' | '.join(ORDER)} |", "|---|" + "---|" * len(ORDER)]
    rows = [f"| {name} | {' | '.join(results.get(server, '') for server in ORDER)} |"
            for name, results in sorted(everything.items())]  # fmt: skip
    return "\n".join([*head, *rows])
