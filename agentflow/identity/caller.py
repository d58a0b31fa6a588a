"""Who calls, and what they may do: one shape, whatever they show."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import Field

from agentflow.errors import Forbidden
from agentflow.federation.settings import SiteGrant
from agentflow.graph import Graph
from agentflow.runs.run import Run
from agentflow.storage.strict import Closed


class Grants(Closed):
    """None grants all of a kind. A graph may be started only when its tools and models are granted too."""

    graphs: list[str] | None = Field(default=None, description="graphs that may be started; all unless named")
    tools: list[str] | None = Field(default=None, description="tools that these graphs may use; all unless named")
    models: list[str] | None = Field(default=None, description="models that may be asked; all unless named")
    sites: list[str] | None = Field(default=None, description="sites of sites.yaml that may be asked; all unless named")
    runs: int = Field(default=0, ge=0, description="runs that may wait or run at once; 0 for any number")
    tokens_a_day: int = Field(default=0, ge=0, description="tokens from midnight to midnight (UTC); 0 for any number")
    site: SiteGrant | None = Field(
        default=None, description="what `agentflow site` hands to them; nothing unless given"
    )

    @property
    def site_only(self) -> bool:
        """What opens a site opens nothing else, unless graphs are named too."""
        return self.site is not None and not self.graphs


@dataclass(frozen=True, slots=True)
class Caller:
    """`owner`: the machine's own user, who sees every run; others see their own."""

    name: str
    owner: bool = False
    grants: Grants = field(default_factory=Grants)

    def may_see(self, run: Run) -> bool:
        return self.owner or run.requested_by == self.name

    def require(self, graph: Graph) -> None:
        """Raises Forbidden for a graph, or a tool of it, that is not granted."""
        self._require("graph", self.grants.graphs, [graph.name])
        self._require("tool", self.grants.tools, graph.tools)

    def require_models(self, names: Iterable[str]) -> None:
        """Raises Forbidden for a model that is not granted."""
        self._require("model", self.grants.models, names)

    def _require(self, kind: str, granted: list[str] | None, names: Iterable[str]) -> None:
        if granted is not None and (missing := sorted({name for name in names if name not in granted})):
            raise Forbidden(
                f"'{self.name}' has no grant for the {kind} {', '.join(missing)}",
                f"granted: {', '.join(granted) or 'none'}; the owner grants more with `agentflow api keys add`, access.yaml or broker.yaml",
            )


OWNER = Caller("owner", owner=True)
