"""Tool calls for models whose chat template knows none: the choice becomes a JSON schema, enforced at the sampler."""

import json
from dataclasses import replace
from typing import Any

from agentflow.models.client.types import Message, ModelEvent, Request, Text, ToolCall

ASK = 'Reply in JSON with "tool" and "arguments"'
OR_ANSWER = ', or with "answer" when no tool is needed'


def without_tools(request: Request) -> Request:
    """The same request in plain words, its answer bound to one of the tools (or, with `auto`, to an answer)."""
    functions = [tool["function"] for tool in request.tools]
    named = [function for function in functions if function["name"] == request.tool_choice]
    branches = [call_schema(function) for function in named or functions]
    if request.tool_choice == "auto":
        branches.append(closed({"answer": {"type": "string"}}))
    listed = "\n".join(
        f"- {function['name']}({json.dumps(function.get('parameters', {}))}): {function.get('description', '')}"
        for function in functions
    )
    text = f"Tools:\n{listed}\n{ASK}{OR_ANSWER if request.tool_choice == 'auto' else ''}."
    head, *rest = request.messages
    if head.role == "system":
        messages = (replace(head, content=f"{head.content}\n\n{text}"), *rest)
    else:
        messages = (Message("system", text), head, *rest)
    schema = branches[0] if len(branches) == 1 else {"anyOf": branches}
    return replace(request, messages=tuple(map(plain, messages)), tools=(), schema=schema)


def call_schema(function: dict[str, Any]) -> dict[str, Any]:
    parameters = function.get("parameters") or {"type": "object", "properties": {}}
    return closed({"tool": {"type": "string", "enum": [function["name"]]}, "arguments": parameters})


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object with exactly these properties."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def plain(message: Message) -> Message:
    """Earlier calls and results as text."""
    if message.tool_calls:
        calls = [{"tool": call.name, "arguments": call.arguments} for call in message.tool_calls]
        return Message("assistant", "\n".join(filter(None, [message.content, *map(json.dumps, calls)])))
    if message.role == "tool":
        return Message("user", f"Result: {message.content}")
    return message


def as_event(text: str) -> ModelEvent:
    """The tool call, or the answer, inside a valid reply."""
    data = json.loads(text)
    if "tool" in data:
        return ToolCall("call_0", data["tool"], data["arguments"])
    return Text(data["answer"])
