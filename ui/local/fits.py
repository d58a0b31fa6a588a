"""Whether a model fits this machine's memory, in words for a list that is looked at every few seconds."""

import time
from typing import TYPE_CHECKING

from agentflow.errors import AgentflowError

if TYPE_CHECKING:
    from agentflow.models.entry import ModelConfig
    from agentflow.models.machine import Machine

STALE = 30.0  # seconds; asking for GPUs starts a program
GIB = 2**30


class Fits:
    def __init__(self) -> None:
        self.needs: dict[str, int | None] = {}
        self.here: Machine | None = None
        self.looked = 0.0

    def of(self, config: "ModelConfig", *, running: bool) -> tuple[str, bool | None]:
        """What to say, and whether it fits: None where that cannot be told, or is shown already because it runs."""
        from agentflow.models.fit import budget, needed

        if config.serve == "endpoint":
            return "served elsewhere", None
        try:
            key = config.model_dump_json()
            if self.needs.get(key) is None:  # weights may have been pulled since
                self.needs[key] = needed(config)
        except AgentflowError as error:
            return error.message, False
        if (need := self.needs[key]) is None:
            return "weights to be pulled", None
        if running:
            return f"{need / GIB:.1f} GiB", None
        here = self.machine()
        free = budget(config, here, bool(here.gpus) and config.gpu.layers != 0)
        return f"needs {need / GIB:.1f} of {free / GIB:.1f} GiB free", need <= free

    def machine(self) -> "Machine":
        from agentflow.models.machine import machine

        if self.here is None or time.monotonic() > self.looked + STALE:
            self.here, self.looked = machine(), time.monotonic()
        return self.here
