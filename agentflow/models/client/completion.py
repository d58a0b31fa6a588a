"""A whole answer from a client's stream: what graphs want."""

import json
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from agentflow.models.client.errors import Malformed, error_of
from agentflow.models.client.thinking import CLOSE
from agentflow.models.client.types import (
    Answer,
    Done,
    Failure,
    Logprobs,
    ModelClient,
    ModelEvent,
    Reasoning,
    Request,
    Restart,
    Text,
    Timing,
    ToolCall,
)
from agentflow.models.client.validation import fault
from agentflow.usage import Usage

Listener = Callable[[ModelEvent], None]
LARGER = 2


async def ask(client: ModelClient, request: Request, listen: Listener | None = None) -> Answer:
    """One validated answer. JSON that its token limit cut off is asked for once more with twice the limit; an answer that
    stayed in the thinking is taken from there, or asked for again without thinking.

    Raises Overloaded, Unavailable, ContextOverflow, ModelError, or Malformed.
    """
    answer = await gather(client, request, listen)
    if _silent(answer):
        found = _from_thinking(request, answer)
        if found is None:
            request = replace(request, max_thinking=0)
            found = await gather(client, request, listen)
            found = replace(found, usage=answer.usage + found.usage)
        answer = found
    if _silent(answer) and request.schema is None:
        answer = replace(answer, text=answer.reasoning.strip(), reasoning="")
    if request.schema is None:
        return answer
    if answer.reason == "length" and fault(answer.text, request.schema):
        answer = await gather(client, replace(request, max_tokens=request.max_tokens * LARGER), listen)
    if wrong := fault(answer.text, request.schema):
        message = f"'{client.name}' gave no valid answer within {request.max_tokens * LARGER} tokens: {wrong}"
        raise Malformed(message, "raise max_tokens of the prompt, or choose a larger model")
    return replace(answer, data=json.loads(answer.text))


def _silent(answer: Answer) -> bool:
    """Thinking, and nothing else."""
    return bool(answer.reasoning) and not answer.text.strip() and not answer.tool_calls


def _from_thinking(request: Request, answer: Answer) -> Answer | None:
    """What a model that had finished wrote as thinking is its answer: some servers count everything as thinking when the
    closing tag is missing. One that was cut off had not come to its answer."""
    text = answer.reasoning.rpartition(CLOSE)[2].strip()
    if request.schema is not None:
        text = text[max(0, text.find("{")) :]
        return None if fault(text, request.schema) else replace(answer, text=text, reasoning="")
    return replace(answer, text=text, reasoning="") if text and answer.reason != "length" else None


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
                case Restart():
                    for gathered in (text, thoughts, calls, chances, parts):
                        gathered.clear()
    return Answer(
        text="".join(text),
        reasoning="".join(thoughts),
        tool_calls=tuple(calls),
        logprobs=tuple(chances),
        model=client.name,
        **parts,
    )
