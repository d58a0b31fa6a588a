"""The server's counters since its start."""

from dataclasses import dataclass, field

from agentflow.serving.engine.request import RequestStats


@dataclass(slots=True)
class ServerStats:
    requests: int = 0
    refused: int = 0
    cancelled: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    prefilled_tokens: int = 0
    steps: int = 0
    batch_tokens: int = 0
    step_seconds: float = 0.0
    decode_seconds: float = 0.0
    python_seconds: float = 0.0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    by_source: dict[str, list[int]] = field(default_factory=dict)

    def step(self, tokens: int, seconds: float, python: float) -> None:
        """`python`: CPU seconds of the engine's thread outside llama_decode."""
        self.steps += 1
        self.python_seconds += python
        self.batch_tokens += tokens
        self.step_seconds += seconds

    def finished(self, statistics: RequestStats) -> None:
        self.requests += 1
        self.prompt_tokens += statistics.prompt
        self.cached_tokens += statistics.cached
        self.completion_tokens += statistics.completion
        self.drafted_tokens += statistics.drafted
        self.accepted_tokens += statistics.accepted
        for source, (drafted, accepted) in statistics.by_source.items():
            pair = self.by_source.setdefault(source, [0, 0])
            pair[0] += drafted
            pair[1] += accepted
