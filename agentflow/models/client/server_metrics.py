"""Counters since a server's start: requests, prompt, cached, completion tokens, drafted, accepted."""

import re
from dataclasses import asdict, dataclass, replace

import httpx2

from agentflow.models.client.types import ModelEvent
from agentflow.usage import Usage

# Prometheus names of each server to ours.
METRICS = {
    "vllm": {
        "vllm:prompt_tokens_total": "prompt",
        "vllm:prompt_tokens_cached_total": "cached",
        "vllm:generation_tokens_total": "completion",
        "vllm:request_success_total": "requests",
        "vllm:spec_decode_num_draft_tokens_total": "drafted",
        "vllm:spec_decode_num_accepted_tokens_total": "accepted",
    },
    "llama.cpp": {
        "llamacpp:prompt_tokens_total": "prompt",
        "llamacpp:tokens_predicted_total": "completion",
        "llamacpp:spec_decode_num_draft_tokens_total": "drafted",
        "llamacpp:spec_decode_num_accepted_tokens_total": "accepted",
    },
    "agentflow": {
        "agentflow_requests_total": "requests",
        "agentflow_prompt_tokens_total": "prompt",
        "agentflow_cached_tokens_total": "cached",
        "agentflow_completion_tokens_total": "completion",
        "agentflow_drafted_tokens_total": "drafted",
        "agentflow_accepted_tokens_total": "accepted",
    },
}
LOADS = {
    "agentflow_running": "running",
    "agentflow_waiting": "waiting",
    "vllm:num_requests_running": "running",
    "vllm:num_requests_waiting": "waiting",
    "llamacpp:requests_processing": "running",
    "llamacpp:requests_deferred": "waiting",
}
SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})?\s+(\S+)", re.MULTILINE)


def load(text: str) -> tuple[int | None, int | None]:
    """Requests (running, waiting) by the server's metrics, summed over labels; None where they do not tell."""
    found: dict[str, int] = {}
    for name, value in SAMPLE.findall(text):
        if name in LOADS:
            found[LOADS[name]] = found.get(LOADS[name], 0) + int(float(value))
    return found.get("running"), found.get("waiting")


@dataclass(slots=True)
class Counters:
    """What one client counted itself."""

    usage: Usage = Usage()
    failures: int = 0

    def add(self, event: ModelEvent) -> None:
        if isinstance(event, Usage):
            self.usage += replace(event, calls=1)

    def as_dict(self) -> dict[str, float]:
        counted = asdict(self.usage)
        return {"requests": counted.pop("calls"), **counted, "failures": self.failures}


async def server_counters(http: httpx2.AsyncClient, kind: str) -> dict[str, float]:
    """From /metrics, summed over labels; empty when the server shows none."""
    if kind not in METRICS:
        return {}
    try:
        answer = await http.get("/metrics", timeout=10)
    except httpx2.HTTPError:
        return {}
    found: dict[str, float] = {}
    for name, value in SAMPLE.findall(answer.text if answer.status_code == 200 else ""):
        if ours := METRICS[kind].get(name):
            found[ours] = found.get(ours, 0.0) + float(value)
    return found
