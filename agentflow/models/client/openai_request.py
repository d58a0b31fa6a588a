"""A Request as the keyword arguments of the openai client, in the dialect of one server."""

import json
from typing import Any

from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.capabilities import Capabilities
from agentflow.models.client.types import Message, Request

THINKING_SWITCHES = ("enable_thinking", "thinking")
"""Variables of chat templates: of Qwen, GLM and others; of DeepSeek and Granite."""
THINKING_BUDGETS = {
    "agentflow": "max_thinking",
    "vllm": "thinking_token_budget",
    "llama.cpp": "reasoning_budget_tokens",
}
PRIORITIES = {"interactive": 0, "graph": 1, "batch": 2}


def body(request: Request, model: str, config: ModelConfig, can: Capabilities, deadline: float) -> dict[str, Any]:
    """`deadline` is what is left of the request's own, in seconds."""
    arguments: dict[str, Any] = {
        "model": model,
        "messages": [message(item) for item in request.messages],
        "max_tokens": request.max_tokens + (thinking := thinking_tokens(request, config, can)),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    extra: dict[str, Any] = {}
    for name in ("temperature", "top_p", "seed", "top_k", "min_p"):
        value = getattr(request.sampling, name)
        value = getattr(config.sampling, name) if value is None else value
        if value is not None and (name != "min_p" or can.min_p):
            (extra if name in ("top_k", "min_p") else arguments)[name] = value
    if stop := request.sampling.stop or config.sampling.stop:
        arguments["stop"] = list(stop)
    if request.schema is not None:
        form = {"name": "answer", "schema": request.schema, "strict": True}
        arguments["response_format"] = {"type": "json_schema", "json_schema": form}
    if request.tools:
        arguments["tools"] = list(request.tools)
        arguments["tool_choice"] = tool_choice(request.tool_choice)
    if request.logprobs:
        arguments["logprobs"] = True
        arguments["top_logprobs"] = request.logprobs
    switches = dict.fromkeys(THINKING_SWITCHES, thinking > 0) if can.thinks else {}
    if can.template_options and (options := {**switches, **config.template.options}):
        extra["chat_template_kwargs"] = options
    if can.thinks and (thinking or can.kind != "vllm") and (budget := THINKING_BUDGETS.get(can.kind)):
        extra[budget] = thinking
    if can.kind == "agentflow":
        extra |= {"priority": request.priority, "deadline_s": round(deadline, 3), "run": request.run}
    elif can.kind == "vllm" and can.priority:
        extra["priority"] = PRIORITIES[request.priority]
    if extra:
        arguments["extra_body"] = extra
    return arguments


def thinking_tokens(request: Request, config: ModelConfig, can: Capabilities) -> int:
    """What the answer may spend on thinking, beside its own tokens."""
    if not can.thinks:
        return 0
    return config.thinking_of("") if request.max_thinking is None else request.max_thinking


def message(item: Message) -> dict[str, Any]:
    """One message in the OpenAI form."""
    form: dict[str, Any] = {"role": item.role, "content": item.content}
    if item.tool_calls:
        form["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
            }
            for call in item.tool_calls
        ]
    if item.role == "tool":
        form["tool_call_id"] = item.tool_call_id
    return form


def tool_choice(choice: str) -> Any:
    """auto, none and required as they are; anything else is a tool's name."""
    if choice in ("auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}
