"""What clients of OpenAI's Responses API send, as a chat request. Nothing is stored: the whole input comes each time."""

import json
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from agentflow.serving.protocol import ChatRequest, OpenAIBody, part_text, refused

CHAT_FIELDS = (
    "model", "stream", "temperature", "top_p", "seed", "tool_choice", "top_k", "min_p", "priority", "deadline_s", "run",
    "lookup", "next_use_steps", "speculation", "grammar", "chat_template_kwargs", "top_logprobs",
)  # fmt: skip
LOGPROBS = "message.output_text.logprobs"
NOT_STORED = refused("nothing is stored here; send the whole input in each request")


class ResponsesRequest(OpenAIBody):
    """Fields of a chat request that are named alike are passed on as they come; agentflow's own too."""

    input: str | list[dict[str, Any]]
    instructions: str = ""
    max_output_tokens: int | None = Field(default=None, ge=1)
    stream: bool = False
    tools: list[dict[str, Any]] = Field(default_factory=list)
    tool_choice: str | dict[str, Any] = "auto"
    text: dict[str, Any] = Field(default_factory=dict)
    include: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)
    previous_response_id: Annotated[str | None, NOT_STORED] = None
    conversation: Annotated[Any, NOT_STORED] = None
    background: Annotated[bool, NOT_STORED] = False

    @field_validator("tools")
    @classmethod
    def functions_only(cls, tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for tool in tools:
            if tool.get("type") != "function":
                raise ValueError(f"only tools of type 'function' are called here, not {tool.get('type')!r}")
        return tools

    @model_validator(mode="after")
    def readable(self) -> "ResponsesRequest":
        self.messages()  # raises ValueError for items that cannot be read
        return self

    @property
    def scored(self) -> bool:
        return LOGPROBS in self.include

    def messages(self) -> list[dict[str, Any]]:
        """Chat messages; calls that follow each other become one message. Raises ValueError for unknown items."""
        first: list[dict[str, Any]] = [{"role": "system", "content": self.instructions}] if self.instructions else []
        if isinstance(self.input, str):
            return [*first, {"role": "user", "content": self.input}]
        messages = first
        for item in self.input:
            message = message_of(item)
            if message is None:
                continue
            last = messages[-1] if messages else {}
            if "tool_calls" in message and last.get("role") == "assistant":
                last["tool_calls"] = [*last.get("tool_calls", []), *message["tool_calls"]]
            else:
                messages.append(message)
        return messages

    def chat(self, given: dict[str, Any]) -> ChatRequest:
        """`given`: the body as it came. Raises ValidationError as a chat request would."""
        form = self.text.get("format") or {}
        if form.get("type") == "json_schema":
            form = {"type": "json_schema", "json_schema": {key: form[key] for key in form if key != "type"}}
        return ChatRequest.model_validate(
            {
                **{key: given[key] for key in CHAT_FIELDS if key in given},
                "messages": self.messages(),
                "max_tokens": self.max_output_tokens,
                "response_format": form,
                "tools": [{"type": "function", "function": without(tool, "type")} for tool in self.tools],
                "tool_choice": chat_choice(self.tool_choice),
                "logprobs": self.scored,
            }
        )


def without(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


def chat_choice(choice: str | dict[str, Any]) -> str | dict[str, Any]:
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"type": "function", "function": {"name": choice.get("name")}}
    return choice


def message_of(item: dict[str, Any]) -> dict[str, Any] | None:
    """None for what a model is not shown again (its thoughts)."""
    match item.get("type", "message"):
        case "message":
            return {"role": item.get("role"), "content": text_of(item.get("content"))}
        case "function_call":
            function = {"name": str(item.get("name", "")), "arguments": item.get("arguments") or "{}"}
            call = {"id": str(item.get("call_id", "")), "type": "function", "function": function}
            return {"role": "assistant", "content": "", "tool_calls": [call]}
        case "function_call_output":
            return {
                "role": "tool",
                "tool_call_id": str(item.get("call_id", "")),
                "content": text_of(item.get("output")),
            }
        case "reasoning":
            return None
    raise ValueError(f"input items of type {item.get('type')!r} are not read here")


def text_of(content: Any) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list):
        return "".join(part_text(part) for part in content)
    return json.dumps(content, ensure_ascii=False)
