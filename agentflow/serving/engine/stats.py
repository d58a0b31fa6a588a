"""The server's counters since its start."""

from dataclasses import asdict, dataclass, field, fields

from agentflow.serving.engine.request import RequestStats
from agentflow.usage import Usage


@dataclass(slots=True)
class ServerStats:
    usage: Usage = Usage()
    refused: int = 0
    cancelled: int = 0
    prefilled_tokens: int = 0
    steps: int = 0
    batch_tokens: int = 0
    step_seconds: float = 0.0
    decode_seconds: float = 0.0
    python_seconds: float = 0.0
    by_source: dict[str, list[int]] = field(default_factory=dict)

    def counters(self) -> dict[str, float]:
        """By the names of the metrics."""
        own = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in ("usage", "by_source")}
        counted = asdict(self.usage)
        return {"requests": counted.pop("calls"), **own, **{f"{name}_tokens": count for name, count in counted.items()}}

    def step(self, tokens: int, seconds: float, python: float) -> None:
        """`python`: CPU seconds of the engine's thread outside llama_decode."""
        self.steps += 1
        self.python_seconds += python
        self.batch_tokens += tokens
        self.step_seconds += seconds

    def finished(self, statistics: RequestStats) -> None:
        self.usage += statistics.usage
        for source, (drafted, accepted) in statistics.by_source.items():
            pair = self.by_source.setdefault(source, [0, 0])
            pair[0] += drafted
            pair[1] += accepted
