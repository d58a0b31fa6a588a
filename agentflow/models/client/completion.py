"""A whole answer from a client's stream: what graphs want."""

import json
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from agentflow.models.client.errors import Malformed, error_of
from agentflow.models.client.types import (
    Answer,
    Done,
    Failure,
    Logprobs,
    ModelClient,
    ModelEvent,
    Reasoning,
    Request,
    Text,
    Timing,
    ToolCall,
)
from agentflow.models.client.validation import fault
from agentflow.usage import Usage

Listener = Callable[[ModelEvent], None]
LARGER = 2


async def ask(client: ModelClient, request: Request, listen: Listener | None = None) -> Answer:
    """One validated answer. JSON that its token limit cut off is asked for once more with twice the limit.

    Raises Overloaded, Unavailable, ContextOverflow, ModelError, or Malformed.
    """
    answer = await gather(client, request, listen)
    if request.schema is None:
        return answer
    if answer.reason == "length" and fault(answer.text, request.schema):
        answer = await gather(client, replace(request, max_tokens=request.max_tokens * LARGER), listen)
    if wrong := fault(answer.text, request.schema):
        message = f"'{client.name}' gave no valid answer within {request.max_tokens * LARGER} tokens: {wrong}"
        raise Malformed(message, "raise max_tokens of the prompt, or choose a larger model")
    return replace(answer, data=json.loads(answer.text))


async def gather(client: ModelClient, request: Request, listen: Listener | None = None) -> Answer:
    """All events of one call. A Failure becomes the error to raise."""
    text: list[str] = []
    thoughts: list[str] = []
    calls: list[ToolCall] = []
    chances: list[dict[str, float]] = []
    parts: dict[str, Any] = {}
    async with aclosing(client.generate(request)) as events:  # type: ignore[type-var]
        async for event in events:
            if listen:
                listen(event)
            match event:
                case Text():
                    text.append(event.text)
                case Reasoning():
                    thoughts.append(event.text)
                case ToolCall():
                    calls.append(event)
                case Logprobs():
                    chances.append(event.alternatives)
                case Usage():
                    parts["usage"] = event
                case Timing():
                    parts["timing"] = event
                case Done():
                    parts["reason"] = event.reason
                case Failure():
                    raise error_of(event, client.name)
    return Answer(
        text="".join(text),
        reasoning="".join(thoughts),
        tool_calls=tuple(calls),
        logprobs=tuple(chances),
        model=client.name,
        **parts,
    )
