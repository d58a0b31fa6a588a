"""Whether a model fits this machine's memory, in words for a list that is looked at every few seconds."""

import time
from typing import TYPE_CHECKING

from agentflow.errors import AgentflowError

if TYPE_CHECKING:
    from agentflow.models.catalog.model_config import ModelConfig
    from agentflow.models.weights.hardware import Machine

STALE = 30.0  # seconds; asking for GPUs starts a program
GIB = 2**30


class Fits:
    def __init__(self) -> None:
        self.needs: dict[str, int | None] = {}
        self.here: Machine | None = None
        self.looked = 0.0

    def of(self, config: "ModelConfig", *, running: bool) -> tuple[str, bool | None]:
        """Of a model whose weights are here: what to say, and whether it fits; None where that is shown, as it runs."""
        from agentflow.models.weights.fit import budget, needed

        try:
            key = config.model_dump_json()
            if key not in self.needs:
                self.needs[key] = needed(config)
        except AgentflowError as error:
            return error.message, False
        need = self.needs[key] or 0
        if running:
            return f"{need / GIB:.1f} GiB", None
        free = budget(config, self.machine())
        return f"needs {need / GIB:.1f} of {free / GIB:.1f} GiB free", need <= free

    def machine(self) -> "Machine":
        from agentflow.models.weights.hardware import machine

        if self.here is None or time.monotonic() > self.looked + STALE:
            self.here, self.looked = machine(), time.monotonic()
        return self.here
