"""What the UI remembers between starts, per user: only the theme."""

import json
import os
from pathlib import Path

from agentflow.storage.files import write_whole

DEFAULT = "ink"


def settings_file() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "agentflow" / "ui.json"


def load_theme(known: set[str]) -> str:
    """$AGENTFLOW_THEME, then no colour where $NO_COLOR asks for it, then what was chosen last."""
    if (named := os.environ.get("AGENTFLOW_THEME", "")) in known:
        return named
    if os.environ.get("NO_COLOR"):
        return "plain"
    try:
        chosen = json.loads(settings_file().read_text("utf-8"))["theme"]
    except (OSError, ValueError, KeyError, TypeError):
        return DEFAULT
    return chosen if chosen in known else DEFAULT


def save_theme(name: str) -> None:
    """A home that cannot be written only means that the choice is not remembered."""
    file = settings_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps({"theme": name}))
    except OSError:
        return
