"""What a worker is told, as it is handed to its processes."""

from pathlib import Path

from pydantic import Field

from agentflow.runs.queue import LEASE
from agentflow.storage.strict import Closed


class WorkerConfig(Closed):
    """With `graphs` and `models` it claims only runs of these graphs, and only those all of whose models are named."""

    project: Path
    graphs: list[str] = Field(default_factory=list)
    models: list[str] = Field(default_factory=list)
    lease: float = Field(default=LEASE, gt=0, description="seconds without a sign of life until others take over")
    grace: float = Field(default=20.0, ge=0, description="seconds that a run may still take when the worker is to end")
    until_empty: bool = Field(default=False, description="end when nothing waits or runs any more")
    parent: int = Field(default=0, description="process id of the supervisor, with which it ends")
