"""What OpenAI clients send, as typed requests; unknown fields are ignored, wrong ones refused."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from agentflow.serving.engine.sampler import SamplingParams
from agentflow.serving.engine.validation import BIAS

UNLIMITED = -1  # as llama.cpp's clients write "no limit of tokens"
TEXT_PARTS = ("text", "input_text", "output_text")


def refused(why: str) -> AfterValidator:
    """For a field that this server does not act on: any value but an empty one is an error."""

    def empty(value: Any) -> Any:
        if value:
            raise ValueError(why)
        return value

    return AfterValidator(empty)


DEPRECATED_TOOLS = refused("the deprecated form of tools is not read; send `tools` and `tool_choice`")


class OpenAIBody(BaseModel):
    """A null field counts as one that is not there: OpenAI's own clients send them."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    model: str = ""

    @model_validator(mode="before")
    @classmethod
    def without_nulls(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


class GenerationRequestBody(OpenAIBody):
    """Fields that completions and chat completions share. The second half are agentflow's own (`extra_body`)."""

    stream: bool = False
    stream_options: dict[str, Any] = Field(default_factory=dict)
    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float = Field(default=1.0, ge=0, le=10)
    top_p: float = Field(default=1.0, gt=0, le=1)
    seed: int | None = None
    stop: str | list[str] = Field(default_factory=list)
    n: int = Field(default=1, ge=1, le=128)
    presence_penalty: float = Field(default=0.0, ge=-2, le=2)
    frequency_penalty: float = Field(default=0.0, ge=-2, le=2)
    logit_bias: dict[int, float] = Field(default_factory=dict)

    top_k: int = Field(default=0, ge=0)
    min_p: float = Field(default=0.0, ge=0, le=1)
    priority: Literal["interactive", "graph", "batch"] = "graph"
    deadline_s: float | None = Field(default=None, gt=0)
    run: str = ""
    lookup: list[str] = Field(default_factory=list, max_length=64)
    next_use_steps: int | None = Field(default=None, ge=0)
    speculation: bool = True
    grammar: str = ""
    ignore_eos: bool = False

    @field_validator("max_tokens", "max_completion_tokens", mode="before", check_fields=False)
    @classmethod
    def no_limit(cls, value: Any) -> Any:
        return None if value == UNLIMITED and not isinstance(value, bool) else value

    @field_validator("stop")
    @classmethod
    def no_empty_stop(cls, value: str | list[str]) -> str | list[str]:
        if value == "" or (isinstance(value, list) and "" in value):
            raise ValueError("a stop string must not be empty")
        return value

    @field_validator("logit_bias", mode="before")
    @classmethod
    def plain_bias(cls, value: Any) -> Any:
        """Also llama.cpp's forms: a list of [token, bias], and `false` for a token that must not come."""
        if isinstance(value, list):
            pairs = [pair for pair in value if isinstance(pair, list) and len(pair) == 2]
            if len(pairs) != len(value) or any(not isinstance(token, int) for token, _ in pairs):
                raise ValueError("a list must hold [token, bias] pairs")
            value = dict(pairs)
        if not isinstance(value, dict):
            return value
        return {token: -BIAS if bias is False else bias for token, bias in value.items()}

    @property
    def stops(self) -> tuple[str, ...]:
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)

    @property
    def include_usage(self) -> bool:
        return bool(self.stream_options.get("include_usage"))

    def sampling(self, choice: int = 0) -> SamplingParams:
        """Each of `n` choices has a seed of its own, so that they differ and still repeat."""
        return SamplingParams(
            temperature=self.temperature,
            top_k=self.top_k,
            top_p=self.top_p,
            min_p=self.min_p,
            seed=self.seed + choice if self.seed is not None and self.seed >= 0 else self.seed,
            presence_penalty=self.presence_penalty,
            frequency_penalty=self.frequency_penalty,
            bias=self.logit_bias,
        )


class ChatRequest(GenerationRequestBody):
    messages: list[dict[str, Any]] = Field(min_length=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    response_format: dict[str, Any] = Field(default_factory=dict)
    json_schema: dict[str, Any] | bool | None = None
    """As llama.cpp's clients write a schema."""
    tools: list[dict[str, Any]] = Field(default_factory=list)
    tool_choice: str | dict[str, Any] = "auto"
    logprobs: bool = False
    top_logprobs: int = Field(default=0, ge=0, le=100)
    chat_template_kwargs: dict[str, Any] = Field(default_factory=dict)
    add_generation_prompt: bool | None = None
    continue_final_message: bool = False
    """The answer goes on where the last message, the assistant's, ends."""
    max_thinking: int | None = Field(default=None, ge=0)
    """Tokens of thinking, after which the answer has to begin."""
    functions: Annotated[Any, DEPRECATED_TOOLS] = None

    @field_validator("messages")
    @classmethod
    def plain_messages(cls, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [plain_message(message) for message in messages]

    @field_validator("tools")
    @classmethod
    def function_tools(cls, tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for tool in tools:
            function: Any = tool.get("function")
            named = isinstance(function, dict) and isinstance(function.get("name"), str)
            if not named:
                raise ValueError("each tool needs a function with a name")
            described = isinstance(function.get("parameters") or {}, dict)
            if not described:
                raise ValueError(f"the parameters of tool {function['name']} must be a JSON schema")
        return tools

    @model_validator(mode="after")
    def tools_to_call(self) -> "ChatRequest":
        if self.tool_choice == "required" and not self.tools:
            raise ValueError("tool_choice is 'required', but there are no tools")
        return self

    @model_validator(mode="after")
    def one_way_to_end(self) -> "ChatRequest":
        if self.continue_final_message and self.add_generation_prompt:
            raise ValueError("add_generation_prompt and continue_final_message exclude each other")
        if self.continue_final_message and self.messages[-1]["role"] != "assistant":
            raise ValueError("continue_final_message: the last message is not the assistant's")
        return self

    @property
    def schema_asked(self) -> Any:
        """The JSON schema asked for: None for free text. Raises ValueError for unknown forms."""
        asked = schema_of(self.response_format)
        return self.json_schema if asked is None else asked


class CompletionRequest(GenerationRequestBody):
    prompt: str | list[str | list[int]] | list[int]
    logprobs: int | None = Field(default=None, ge=0, le=100)
    echo: bool = False
    best_of: int | None = Field(default=None, ge=1)
    suffix: Annotated[str, refused("text cannot be filled in before a suffix here")] = ""

    @model_validator(mode="after")
    def no_ranking(self) -> "CompletionRequest":
        if self.best_of is not None and self.best_of > self.n:
            raise ValueError("best_of: choices are not ranked here; ask for n and choose")
        if self.echo and self.logprobs is not None:
            raise ValueError("echo: the prompt's own probabilities are not computed")
        return self

    @property
    def prompts(self) -> list[str | list[int]]:
        if isinstance(self.prompt, str):
            return [self.prompt]
        if not self.prompt or isinstance(self.prompt[0], int):
            return [self.prompt]  # type: ignore[list-item]
        return self.prompt


class EmbeddingRequest(OpenAIBody):
    input: str | list[str | list[int]] | list[int]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(default=None, ge=1)

    @property
    def inputs(self) -> list[str | list[int]]:
        if isinstance(self.input, str):
            return [self.input]
        if self.input and isinstance(self.input[0], int):
            return [self.input]
        return self.input  # type: ignore[return-value]


class TokenizeRequest(OpenAIBody):
    content: str | None = None
    messages: list[dict[str, Any]] | None = None
    tools: list[dict[str, Any]] = Field(default_factory=list)
    add_special: bool = False
    with_pieces: bool = False

    @model_validator(mode="after")
    def something(self) -> "TokenizeRequest":
        if self.content is None and self.messages is None:
            raise ValueError("give `content` or `messages`")
        return self


class DetokenizeRequest(OpenAIBody):
    tokens: list[int]


def plain_message(message: dict[str, Any]) -> dict[str, Any]:
    """Content as one string. Raises ValueError for roles and parts that text models cannot read."""
    if message.get("role") not in ("system", "developer", "user", "assistant", "tool"):
        raise ValueError(f"unknown role {message.get('role')!r}")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(part_text(part) for part in content)
    if content is not None and not isinstance(content, str):
        raise ValueError("content must be text")
    role = "system" if message["role"] == "developer" else message["role"]
    return {**message, "role": role, "content": content or ""}


def part_text(part: Any) -> str:
    """Raises ValueError for a part that is not text."""
    if isinstance(part, dict) and part.get("type") == "refusal":
        return str(part.get("refusal", ""))
    if not isinstance(part, dict) or part.get("type") not in TEXT_PARTS:
        raise ValueError("only text content is supported")
    return str(part.get("text", ""))


def schema_of(response_format: dict[str, Any]) -> Any:
    """The JSON schema asked for: None for free text. Raises ValueError for unknown forms."""
    kind = response_format.get("type", "text")
    if kind == "text":
        return None
    if kind == "json_object":
        return response_format.get("schema", {"type": "object"})
    if kind == "json_schema":
        wrapped = response_format.get("json_schema")
        if not isinstance(wrapped, dict) or "schema" not in wrapped:
            raise ValueError("response_format.json_schema.schema is missing")
        return wrapped["schema"]
    raise ValueError(f"unknown response_format type {kind!r}")
