"""What a site answered, refused and handed out, in Prometheus' text form."""

from collections import Counter

from agentflow.api.metrics import RequestMetrics
from agentflow.serving.api.metrics import family, labels


class SiteMetrics(RequestMetrics):
    """`released` counts passages, quotes and verdicts by the operation that handed them out."""

    def __init__(self) -> None:
        super().__init__("site")
        self.released: Counter[str] = Counter()

    def exposition(self) -> str:
        released = {labels(operation=name): count for name, count in self.released.items()}
        lines = family("site_released_total", "counter", released, "Passages, quotes and verdicts handed out")
        return "\n".join([*self.lines(), *lines]) + "\n"
