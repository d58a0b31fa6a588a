"""broker.yaml of a project: which broker, its two streams, and what a request may ask for."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from agentflow.errors import AgentflowError
from agentflow.events import KINDS
from agentflow.identity.caller import Caller, Grants
from agentflow.storage.strict import Closed
from agentflow.storage.yamlfile import check, load_yaml

FILE = "broker.yaml"
VARIABLE = "AGENTFLOW_BROKER"
STREAM = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"


class BrokerSettings(Closed):
    """Without `requests` nothing is read, without `events` nothing is published."""

    url: str = Field(default="", description="nats://, redis://, amqp:// or kafka://HOST:PORT, without a password")
    requests: str | None = Field(default="agentflow-requests", pattern=STREAM, description="the stream that is read")
    events: str | None = Field(default="agentflow-events", pattern=STREAM, description="the stream that is written")
    kinds: list[str] = Field(default_factory=list, description="publish only these kinds of events, State among them")
    graphs: list[str] = Field(default_factory=lambda: ["research"], description="graphs that a request may name")
    tools: list[str] | None = Field(default=None, description="every tool of a graph must be among these; none: any")
    runs: int = Field(default=0, ge=0, description="runs from requests that wait or run at once; 0 for any number")

    @field_validator("kinds")
    @classmethod
    def known(cls, kinds: list[str]) -> list[str]:
        if wrong := [kind for kind in kinds if kind not in (*KINDS, "State")]:
            raise ValueError(f"no kind of event '{wrong[0]}'; known: State, {', '.join(KINDS)}")
        return kinds

    @property
    def caller(self) -> Caller:
        """Whoever may write to the stream of requests."""
        grants = Grants(graphs=self.graphs, tools=self.tools, runs=self.runs)
        return Caller("broker", grants=grants)


def load_settings(root: Path, url: str = "") -> BrokerSettings:
    """`url` goes before $AGENTFLOW_BROKER, and that before the file. Raises AgentflowError where none names a broker, and for
    a password in the file, which others may read."""
    path = root / FILE
    settings = BrokerSettings()
    if path.is_file():
        data, marks = load_yaml(path)
        settings = check(BrokerSettings, data, marks)
        if "@" in settings.url and urlsplit(settings.url).password is not None:
            raise marks.error(
                ("url",), "there is a password in the URL, which whoever has the project can read",
                f"give the whole URL in ${VARIABLE}",
            )  # fmt: skip
    url = url or os.environ.get(VARIABLE, "") or settings.url
    if not url:
        raise AgentflowError("no broker is named", f"--url nats://localhost:4222, ${VARIABLE}, or `url` in {FILE}")
    return settings.model_copy(update={"url": url})
