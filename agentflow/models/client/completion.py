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


async def complete(client: ModelClient, request: Request, listen: Listener | None = None) -> Answer:
    """One validated answer. JSON that its token limit cut off is asked for once more with twice the limit; an answer that
    stayed in the thinking is taken from there, or asked for again without thinking.

    Raises Overloaded, Unavailable, ContextOverflow, ModelError, or Malformed.
    """
    asked: Request | None = request
    spent = Usage()
    while asked is not None:
        gathered = Gathered()
        async with aclosing(client.generate(asked)) as events:  # type: ignore[type-var]
            async for event in events:
                if listen:
                    listen(event)
                match event:
                    case Failure():
                        raise error_of(event, client.name)
                    case Restart():
                        gathered = Gathered()
                    case _:
                        gathered.add(event)
        answer = spoken(gathered.answer(client.name), asked)
        spent += answer.usage
        asked = again(asked, answer, request)
    answer = replace(answer, usage=spent)
    if request.schema is None:
        return answer
    if wrong := fault(answer.text, request.schema):
        message = f"'{client.name}' gave no valid answer within {request.max_tokens * LARGER} tokens: {wrong}"
        raise Malformed(message, "raise max_tokens of the prompt, or choose a larger model")
    return replace(answer, data=json.loads(answer.text))


class Gathered:
    """The events of one call, as they come."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.thoughts: list[str] = []
        self.calls: list[ToolCall] = []
        self.chances: list[dict[str, float]] = []
        self.parts: dict[str, Any] = {}

    def add(self, event: ModelEvent) -> None:
        match event:
            case Text():
                self.text.append(event.text)
            case Reasoning():
                self.thoughts.append(event.text)
            case ToolCall():
                self.calls.append(event)
            case Logprobs():
                self.chances.append(event.alternatives)
            case Usage():
                self.parts["usage"] = event
            case Timing():
                self.parts["timing"] = event
            case Done():
                self.parts["reason"] = event.reason

    def answer(self, model: str) -> Answer:
        return Answer(
            text="".join(self.text),
            reasoning="".join(self.thoughts),
            tool_calls=tuple(self.calls),
            logprobs=tuple(self.chances),
            model=model,
            **self.parts,
        )


def silent(answer: Answer) -> bool:
    """Thinking, and nothing else."""
    return bool(answer.reasoning) and not answer.text.strip() and not answer.tool_calls


def spoken(answer: Answer, request: Request) -> Answer:
    """What a model that had finished wrote as thinking is its answer: some servers count everything as thinking when the
    closing tag is missing. One that was cut off had not come to its answer; asked without thinking, it says what it can."""
    if not silent(answer):
        return answer
    text = answer.reasoning.rpartition(CLOSE)[2].strip()
    if request.schema is not None:
        text = text[max(0, text.find("{")) :]
        return answer if fault(text, request.schema) else replace(answer, text=text, reasoning="")
    if request.max_thinking == 0:
        text = answer.reasoning.strip()
    elif answer.reason == "length":
        text = ""
    return replace(answer, text=text, reasoning="") if text else answer


def again(asked: Request, answer: Answer, first: Request) -> Request | None:
    """What to ask after this answer, which may be the last."""
    if silent(answer) and asked.max_thinking != 0:
        return replace(asked, max_thinking=0)
    if asked.schema is None or answer.reason != "length" or asked.max_tokens != first.max_tokens:
        return None
    return replace(asked, max_tokens=asked.max_tokens * LARGER) if fault(answer.text, asked.schema) else None
