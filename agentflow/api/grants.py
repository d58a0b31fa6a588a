"""Who calls, and what they may do."""

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from agentflow.api.errors import Refusal
from agentflow.federation.settings import Grant
from agentflow.graph import Graph
from agentflow.runs.run import Run


class Grants(BaseModel):
    """None grants all of a kind. A graph may be started only when each of its tools is granted too."""

    model_config = ConfigDict(extra="forbid")

    graphs: list[str] | None = None
    tools: list[str] | None = None
    runs: int = Field(default=0, ge=0, description="runs that may wait or run at once; 0 for any number")
    site: Grant | None = Field(default=None, description="a key of `agentflow site`, which opens nothing else")


@dataclass(frozen=True, slots=True)
class Caller:
    """`owner`: holds the key of the machine's own user and sees every run; others see their own. `granting` says how
    more is granted."""

    name: str
    owner: bool = False
    grants: Grants = field(default_factory=Grants)
    granting: str = "the owner makes keys with `agentflow api keys add`"

    def may_see(self, run: Run) -> bool:
        return self.owner or run.requested_by == self.name

    def require(self, graph: Graph) -> None:
        """Raises Refusal for a graph, or a tool of it, that is not granted."""
        for kind, granted, names in (
            ("graph", self.grants.graphs, [graph.name]),
            ("tool", self.grants.tools, list(graph.tools)),
        ):
            if granted is not None and (missing := [name for name in names if name not in granted]):
                raise Refusal(
                    "forbidden", f"'{self.name}' is not granted the {kind} {', '.join(missing)}",
                    f"granted: {', '.join(granted) or 'none'}; {self.granting}",
                )  # fmt: skip


OWNER = Caller("owner", owner=True)
