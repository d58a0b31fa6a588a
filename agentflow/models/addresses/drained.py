"""Addresses that get no new calls, by hand: `agentflow models drain`. A file of the project, which running agentflow processes
look at before each call."""

import json
from pathlib import Path

from agentflow.errors import AgentflowError
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.storage.files import write_whole
from agentflow.text.suggest import closest


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

    def drain(self, config: ModelConfig, address: str) -> frozenset[str]:
        """Takes one more out. Returns all that are; raises AgentflowError for the last one in use and for an unknown."""
        out = self.of(config.name) | {self._known(config, address)}
        if not set(config.addresses) - out:
            raise AgentflowError(
                f"{address} is the last address of '{config.name}' that is in use",
                "add another one to models.yaml, or let one in again with --undo",
            )
        return self._keep(config.name, out)

    def undo(self, config: ModelConfig, address: str) -> frozenset[str]:
        """Lets one in again. Returns those that are still out; raises AgentflowError for an unknown one."""
        return self._keep(config.name, self.of(config.name) - {self._known(config, address)})

    def _known(self, config: ModelConfig, address: str) -> str:
        address = address.rstrip("/")
        if address not in config.addresses:
            close = closest(address, config.addresses)
            raise AgentflowError(
                f"'{config.name}' has no address {address}; it has {', '.join(config.addresses)}",
                f"did you mean {close}?" if close else "see `agentflow models status`",
            )
        return address

    def _keep(self, model: str, out: frozenset[str]) -> frozenset[str]:
        kept = {**self._read[1], model: out}
        text = json.dumps({name: sorted(names) for name, names in kept.items() if names}, indent=1)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self.path, text + "\n")
        return out

    def _load(self) -> dict[str, frozenset[str]]:
        try:
            kept = json.loads(self.path.read_text("utf-8"))
            return {name: frozenset(addresses) for name, addresses in kept.items()}
        except (json.JSONDecodeError, AttributeError, TypeError) as error:
            raise AgentflowError(f"{self.path} is damaged: {error}", "delete it; then no address is drained") from error
