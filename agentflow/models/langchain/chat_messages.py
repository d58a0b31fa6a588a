"""LangChain's messages to ours and back."""

import json
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk

from agentflow.errors import AgentflowError
from agentflow.models.client.types import (
    Answer,
    Message,
    ModelEvent,
    Reasoning,
    Role,
    Text,
    Timing,
    ToolCall,
)
from agentflow.usage import Usage

ROLES: dict[str, Role] = {"system": "system", "human": "user", "ai": "assistant", "tool": "tool", "developer": "system"}


def to_messages(messages: Sequence[BaseMessage]) -> tuple[Message, ...]:
    return tuple(map(to_message, messages))


def to_message(message: BaseMessage) -> Message:
    """Raises AgentflowError for content that is not text."""
    role = ROLES.get(message.type.removesuffix("MessageChunk").lower())
    if role is None:
        raise AgentflowError(
            f"messages of type '{message.type}' are not known", "use system, human, ai or tool messages"
        )
    content = _text(message)
    if isinstance(message, AIMessage):
        calls = tuple(ToolCall(call["id"] or "", call["name"], call["args"]) for call in message.tool_calls)
        return Message(role, content, tool_calls=calls)
    if isinstance(message, ToolMessage):
        failed = "error: " if message.status == "error" else ""
        return Message(role, failed + content, tool_call_id=message.tool_call_id)
    return Message(role, content)


def _text(message: BaseMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    parts = []
    for block in message.content:
        if isinstance(block, str):
            parts.append(block)
        elif block.get("type") in ("text", "json"):
            parts.append(str(block.get("text", block.get("json", ""))))
        elif block.get("type") not in ("tool_use", "tool_call", "reasoning", "thinking"):
            raise AgentflowError(f"content of type '{block.get('type')}' is not supported", "send text")
    return "".join(parts)


def to_ai_message(answer: Answer) -> AIMessage:
    return AIMessage(
        content=answer.text,
        tool_calls=[
            {"id": call.id, "name": call.name, "args": call.arguments, "type": "tool_call"}
            for call in answer.tool_calls
        ],
        usage_metadata=usage_metadata(answer.usage),
        response_metadata=metadata(answer.model, answer.reason, answer.usage, answer.timing),
        additional_kwargs={"reasoning_content": answer.reasoning} if answer.reasoning else {},
    )


def usage_metadata(usage: Usage) -> UsageMetadata:
    return UsageMetadata(
        input_tokens=usage.prompt,
        output_tokens=usage.completion,
        total_tokens=usage.tokens,
        input_token_details={"cache_read": usage.cached},
    )


def metadata(model: str, reason: str, usage: Usage, timing: Timing) -> dict[str, Any]:
    return {
        "model_name": model,
        "model_provider": "agentflow",
        "finish_reason": reason,
        "drafted_tokens": usage.drafted,
        "accepted_tokens": usage.accepted,
        "first_token_seconds": timing.first_token,
        "decode_seconds": timing.decode,
    }


def to_chunk(event: ModelEvent, number: int) -> AIMessageChunk | None:
    """What a streamed event adds to the message; None for events that come at the end."""
    match event:
        case Text():
            return AIMessageChunk(content=event.text)
        case Reasoning():
            return AIMessageChunk(content="", additional_kwargs={"reasoning_content": event.text})
        case ToolCall():
            arguments = json.dumps(event.arguments)
            call = tool_call_chunk(name=event.name, args=arguments, id=event.id, index=number)
            return AIMessageChunk(content="", tool_call_chunks=[call])
    return None
