"""Whether an engine's thread gets on with its work: what /health tells."""

import time
from collections.abc import Sequence

from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.engine.request import GenerationRequest

PATIENCE = 60.0  # seconds without a step, while requests wait for one
FULL_STEPS = 20  # or as many steps with a full batch, on a machine where those take longer
BROKEN = 3  # failed steps in a row


class Heartbeat:
    def __init__(self, cost: StepCost, batch: int) -> None:
        self.cost = cost
        self.batch = batch
        self.broken = 0
        self.last = time.monotonic()

    def beat(self) -> None:
        self.last = time.monotonic()

    def trouble(self, jobs: Sequence[GenerationRequest]) -> str:
        """In a line; empty when all is well. `jobs`: everything that waits for an answer."""
        if self.broken >= BROKEN:
            return f"its last {self.broken} steps failed"
        if not jobs:
            return ""
        still = time.monotonic() - max(self.last, min(job.arrived for job in jobs))
        if still > max(PATIENCE, FULL_STEPS * self.batch * self.cost.per_prompt_token):
            return f"{len(jobs)} requests wait, and there has been no step for {still:.0f} s"
        return ""
