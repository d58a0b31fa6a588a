"""Addresses that get no new calls, by hand: `agentflow models drain`. A file of the project, which running agentflow processes
look at before each call."""

import json
from collections.abc import Iterable
from pathlib import Path

from agentflow.errors import AgentflowError
from agentflow.storage.files import write_whole


class Drained:
    """`state` is the project's folder for what is written."""

    def __init__(self, state: Path) -> None:
        self.path = state / "drained.json"
        self._read: tuple[int, dict[str, frozenset[str]]] = (0, {})

    def of(self, model: str) -> frozenset[str]:
        """The addresses of a model that are out. Raises AgentflowError for a file that is no list of them."""
        try:
            changed = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return frozenset()
        if changed != self._read[0]:
            self._read = changed, self._load()
        return self._read[1].get(model, frozenset())

    def keep(self, model: str, addresses: Iterable[str]) -> None:
        """Exactly these are out from now on."""
        self.of(model)
        kept = {**self._read[1], model: frozenset(addresses)}
        text = json.dumps({name: sorted(out) for name, out in kept.items() if out}, indent=1)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, text + "\n")

    def _load(self) -> dict[str, frozenset[str]]:
        try:
            kept = json.loads(self.path.read_text("utf-8"))
            return {name: frozenset(addresses) for name, addresses in kept.items()}
        except (json.JSONDecodeError, AttributeError, TypeError) as error:
            raise AgentflowError(f"{self.path} is damaged: {error}", "delete it; then no address is drained") from error
