"""What OpenAI clients send, as typed requests; unknown fields are ignored, wrong ones refused."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agentflow.llama.job import Statistics
from agentflow.llama.sampler import SamplingParams


class Ask(BaseModel):
    """Fields that completions and chat completions share. The second half are agentflow's own (`extra_body`)."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    model: str = ""
    stream: bool = False
    stream_options: dict[str, Any] | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=10)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = None
    stop: str | list[str] | None = None
    n: Literal[1] | None = None
    presence_penalty: float = Field(default=0.0, ge=-2, le=2)
    frequency_penalty: float = Field(default=0.0, ge=-2, le=2)
    logit_bias: dict[int, float] | None = None

    top_k: int | None = Field(default=None, ge=0)
    min_p: float | None = Field(default=None, ge=0, le=1)
    priority: Literal["interactive", "graph", "batch"] = "graph"
    deadline_s: float | None = Field(default=None, gt=0)
    run: str = ""
    lookup: list[str] = Field(default_factory=list, max_length=64)
    next_use_steps: int | None = Field(default=None, ge=0)
    speculation: bool = True
    grammar: str | None = None
    ignore_eos: bool = False

    @field_validator("stop")
    @classmethod
    def no_empty_stop(cls, value: str | list[str] | None) -> str | list[str] | None:
        if value == "" or (isinstance(value, list) and "" in value):
            raise ValueError("a stop string must not be empty")
        return value

    @property
    def stops(self) -> tuple[str, ...]:
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())

    @property
    def sampling(self) -> SamplingParams:
        """OpenAI's default temperature is 1."""
        return SamplingParams(
            temperature=1.0 if self.temperature is None else self.temperature,
            top_k=self.top_k or 0,
            top_p=1.0 if self.top_p is None else self.top_p,
            min_p=self.min_p or 0.0,
            seed=self.seed,
            presence_penalty=self.presence_penalty,
            frequency_penalty=self.frequency_penalty,
            bias=self.logit_bias or {},
        )


class ChatAsk(Ask):
    messages: list[dict[str, Any]] = Field(min_length=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    response_format: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] = "auto"
    logprobs: bool = False
    top_logprobs: int | None = Field(default=None, ge=0, le=100)
    chat_template_kwargs: dict[str, Any] = Field(default_factory=dict)

    @field_validator("messages")
    @classmethod
    def plain_messages(cls, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [plain_message(message) for message in messages]

    @field_validator("tools")
    @classmethod
    def function_tools(cls, tools: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        for tool in tools or []:
            function: Any = tool.get("function")
            named = isinstance(function, dict) and isinstance(function.get("name"), str)
            if not named:
                raise ValueError("each tool needs a function with a name")
            described = isinstance(function.get("parameters", {}), dict)
            if not described:
                raise ValueError(f"the parameters of tool {function['name']} must be a JSON schema")
        return tools or None


class CompletionAsk(Ask):
    prompt: str | list[str] | list[int]
    logprobs: int | None = Field(default=None, ge=0, le=100)
    echo: Literal[False] = False


class EmbeddingAsk(BaseModel):
    model_config = ConfigDict(extra="ignore")

    model: str = ""
    input: str | list[str] | list[int] | list[list[int]]
    encoding_format: Literal["float", "base64"] = "float"


class TokenizeAsk(BaseModel):
    model_config = ConfigDict(extra="ignore")

    model: str = ""
    content: str | None = None
    messages: list[dict[str, Any]] | None = None
    tools: list[dict[str, Any]] | None = None


def plain_message(message: dict[str, Any]) -> dict[str, Any]:
    """Content as one string. Raises ValueError for roles and parts that text models cannot read."""
    if message.get("role") not in ("system", "developer", "user", "assistant", "tool"):
        raise ValueError(f"unknown role {message.get('role')!r}")
    content = message.get("content")
    if isinstance(content, list):
        if any(not isinstance(part, dict) or part.get("type") != "text" for part in content):
            raise ValueError("only text content is supported")
        content = "".join(str(part.get("text", "")) for part in content)
    if content is not None and not isinstance(content, str):
        raise ValueError("content must be text")
    role = "system" if message["role"] == "developer" else message["role"]
    return {**message, "role": role, "content": content or ""}


def schema_of(response_format: dict[str, Any] | None) -> Any:
    """The JSON schema asked for: None for free text. Raises ValueError for unknown forms."""
    kind = (response_format or {}).get("type", "text")
    if response_format is None or kind == "text":
        return None
    if kind == "json_object":
        return response_format.get("schema", {"type": "object"})
    if kind == "json_schema":
        wrapped = response_format.get("json_schema")
        if not isinstance(wrapped, dict) or "schema" not in wrapped:
            raise ValueError("response_format.json_schema.schema is missing")
        return wrapped["schema"]
    raise ValueError(f"unknown response_format type {kind!r}")


def usage(statistics: Statistics) -> dict[str, Any]:
    return {
        "prompt_tokens": statistics.prompt,
        "completion_tokens": statistics.completion,
        "total_tokens": statistics.prompt + statistics.completion,
        "prompt_tokens_details": {"cached_tokens": statistics.cached},
    }


def measures(statistics: Statistics) -> dict[str, Any]:
    """Agentflow's own fields of the last chunk or the body."""
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


def token_entry(text: str, piece: bytes, logprob: float) -> dict[str, Any]:
    return {"token": text, "logprob": max(logprob, -9999.0), "bytes": list(piece)}
