"""Which calls belong together, so that one server gets them and finds their common prefix computed."""

import hashlib

from agentflow.models.client.types import Request

HEADER = "x-session-id"
"""Read by vllm-router under `--policy consistent_hash`; other servers ignore it."""
OPENING = 1024  # characters


def session_of(request: Request) -> str:
    """The run's; without a run the conversation's, known by how it opens."""
    opening: list[str] = [f"run {request.run}"] if request.run else []
    for message in () if request.run else request.messages:
        opening.append(message.content[:OPENING])
        if message.role == "user":
            break
    return hashlib.blake2b("\0".join(opening).encode(), digest_size=16).hexdigest()
