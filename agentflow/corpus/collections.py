"""collections.yaml in the project's folder: names for filters that are asked for again and again."""

import json
from pathlib import Path

from pydantic import Field

from agentflow.corpus.filter import Filter
from agentflow.errors import AgentflowError, ConfigError
from agentflow.storage.strict import Closed
from agentflow.text.suggest import suggest

FILE = "collections.yaml"


class Collections(Closed):
    """`collections: {papers: {roots: [papers], types: [pdf]}}`"""

    collections: dict[str, Filter] = Field(default_factory=dict)


def load_collections(base: Path) -> dict[str, Filter]:
    """Raises ConfigError for a wrong file, or a collection that is made of others."""
    from agentflow.storage.yamlfile import check, load_yaml

    path = base / FILE
    if not path.exists():
        return {}
    data, marks = load_yaml(path)
    found = check(Collections, data, marks).collections
    if nested := next((name for name, wanted in found.items() if wanted.collections), None):
        raise ConfigError(f"{path}: collection '{nested}' names others", "write out what it holds")
    return found


def define(base: Path, name: str, folder: str) -> bool:
    """Names a folder (as stored) as a collection. False where the name stands for something else, which is left alone.
    Raises ConfigError for a wrong file."""
    from agentflow.storage.files import write_whole
    from agentflow.storage.yamledit import set_key

    if known := load_collections(base).get(name):
        return folder in known.roots
    path = base / FILE
    text = path.read_text("utf-8") if path.exists() else ""
    write_whole(path, set_key(text, ("collections", json.dumps(name)), json.dumps({"roots": [folder]})))
    return True


def collection(known: dict[str, Filter], name: str, base: Path) -> Filter:
    """Raises AgentflowError for an unknown one."""
    if name not in known:
        raise AgentflowError(f"no collection '{name}' in {base / FILE}", suggest(name, known))
    return known[name]
