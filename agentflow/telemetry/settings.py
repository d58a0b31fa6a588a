"""telemetry.yaml of a project: where its parts send their spans. Without it none leaves the process."""

import os
from pathlib import Path

from pydantic import Field

from agentflow.storage.strict import Closed
from agentflow.storage.yamlfile import check, load_yaml

FILE = "telemetry.yaml"
VARIABLE = "AGENTFLOW_TRACES"


class Telemetry(Closed):
    traces: str = Field(
        default="", pattern=r"^(https?://[^ ]+)?$",
        description="an OpenTelemetry collector: http://localhost:4318/v1/traces; $AGENTFLOW_TRACES goes before it",
    )  # fmt: skip
    content: bool = Field(default=False, description="send questions, prompts and answers along")

    @property
    def environment(self) -> dict[str, str]:
        """For the model servers that are started for the project."""
        return {VARIABLE: self.traces} if self.traces else {}


def load_telemetry(root: Path | None = None) -> Telemetry:
    """Of a project; without one the variable alone counts. Raises ConfigError for a wrong file."""
    path = root / FILE if root else None
    found = Telemetry()
    if path and path.is_file():
        data, marks = load_yaml(path)
        found = check(Telemetry, data, marks)
    if url := os.environ.get(VARIABLE):
        return Telemetry(traces=url, content=found.content)
    return found
