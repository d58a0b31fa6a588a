"""What an answer cost, as OpenAI counts it, and agentflow's own measures beside it."""

from collections.abc import Sequence
from typing import Any

from agentflow.serving.engine.request import RequestStats


def usage(answers: Sequence[RequestStats], prompts: int = 1) -> dict[str, Any]:
    """Of all choices of one request. Choices of one prompt share it: it counts once, as the first found it."""
    per_prompt = max(1, len(answers) // prompts)
    firsts = answers[::per_prompt]
    prompt = sum(one.prompt for one in firsts)
    completion = sum(one.completion for one in answers)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": sum(one.cached for one in firsts)},
    }


def measures(statistics: RequestStats) -> dict[str, Any]:
    """Beyond OpenAI's fields, in the body or in a stream's last chunks."""
    return {
        "timings": {
            "queue_s": round(statistics.queue_s, 6),
            "first_token_s": round(statistics.first_token_s, 6),
            "prefill_s": round(statistics.prefill_s, 6),
            "decode_s": round(statistics.decode_s, 6),
        },
        "speculation": {
            "steps": statistics.steps,
            "drafted": statistics.drafted,
            "accepted": statistics.accepted,
            "by_source": {
                name: {"drafted": drafted, "accepted": accepted}
                for name, (drafted, accepted) in statistics.by_source.items()
            },
        },
    }
