"""Any LangGraph graph or prebuilt agent on our servers: a LangChain chat model over the pool."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.base import LangSmithParams
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_tool
from langchain_core.utils.pydantic import is_basemodel_subclass
from pydantic import ConfigDict, Field

from agentflow.models.client.errors import error_of
from agentflow.models.client.types import Done, Failure, Request, Sampling, Timing
from agentflow.models.langchain.background import background
from agentflow.models.langchain.chat_messages import metadata, to_ai_message, to_chunk, to_messages, usage_metadata
from agentflow.models.langchain.streamed import Streamed
from agentflow.models.pool import Models
from agentflow.usage import Usage

Tool = dict[str, Any] | type | Callable[..., Any] | BaseTool


class ChatAgentflow(BaseChatModel):
    """`ChatAgentflow(model="writer")`: a role or a model of models.yaml.

    Inside a running agentflow pass its pool as `models`; it is used from asynchronous calls. Without one, the models of
    `project` (default: the nearest) are served in the background until the process ends.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, populate_by_name=True)

    model: str = Field(default="default", validation_alias="model_name")
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_tokens: int = 512
    timeout: float | None = None
    """Seconds for one call."""
    stop: list[str] | None = None
    max_retries: int | None = None
    """Accepted for other models' sake: the client retries by itself, and never after the first token."""
    project: Path | None = None
    models: Models | None = Field(default=None, exclude=True)

    @property
    def _llm_type(self) -> str:
        return "agentflow"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model, "temperature": self.temperature, "max_tokens": self.max_tokens}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"] = "agentflow"
        params["ls_model_name"] = kwargs.get("model", self.model)
        return params

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return background().run(self._answer(background().pool(self.project), messages, stop, kwargs))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if self.models is not None:
            return await self._answer(self.models, messages, stop, kwargs)
        work = self._answer(background().pool(self.project), messages, stop, kwargs)
        return await asyncio.wrap_future(background().submit(work))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        chunks = self._chunks(background().pool(self.project), messages, stop, kwargs)
        for chunk in background().iterate(chunks):
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        if self.models is None:  # the pool lives in the background's loop
            steps = iter(self._stream(messages, stop, None, **kwargs))
            while (chunk := await asyncio.to_thread(next, steps, None)) is not None:
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
            return
        async for chunk in self._chunks(self.models, messages, stop, kwargs):
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    def bind_tools(
        self, tools: Sequence[Tool], *, tool_choice: str | dict[str, Any] | bool | None = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """`tool_choice`: auto, none, any (or True) for one of them, or a tool's name."""
        functions = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=functions, tool_choice=_choice(tool_choice), **kwargs)

    def with_structured_output(
        self,
        schema: dict[str, Any] | type,
        *,
        include_raw: bool = False,
        method: Literal["json_schema", "function_calling", "json_mode"] = "json_schema",
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Every method binds the answer to the schema at the sampler: an answer that breaks it is an error."""
        form = convert_to_json_schema(schema)
        tracing = {"kwargs": {"method": method}, "schema": convert_to_openai_tool(schema)}
        llm = self.bind(schema=form, ls_structured_output_format=tracing, **kwargs)
        parser: Runnable[Any, Any] = JsonOutputParser()
        if isinstance(schema, type) and is_basemodel_subclass(schema):
            parser = PydanticOutputParser(pydantic_object=schema)
        if not include_raw:
            return llm | parser
        parsed = RunnablePassthrough.assign(parsed=itemgetter("raw") | parser, parsing_error=lambda _: None)
        failed = RunnablePassthrough.assign(parsed=lambda _: None)
        return RunnableMap(raw=llm) | parsed.with_fallbacks([failed], exception_key="parsing_error")

    async def _answer(
        self, pool: Models, messages: list[BaseMessage], stop: list[str] | None, given: dict[str, Any]
    ) -> ChatResult:
        answer = await pool.ask(given.get("model", self.model), self._request(messages, stop, given))
        return ChatResult(generations=[ChatGeneration(message=to_ai_message(answer))])

    async def _chunks(
        self, pool: Models, messages: list[BaseMessage], stop: list[str] | None, given: dict[str, Any]
    ) -> AsyncIterator[ChatGenerationChunk]:
        client = await pool.client(given.get("model", self.model))
        usage, timing, number, reason = Usage(), Timing(), 0, "stop"
        streamed = Streamed()
        async with aclosing(client.generate(self._request(messages, stop, given))) as events:  # type: ignore[type-var]
            async for any_event in events:
                if (event := streamed.new(any_event)) is None:
                    continue
                if (chunk := to_chunk(event, number)) is not None:
                    number += bool(chunk.tool_call_chunks)
                    yield ChatGenerationChunk(message=chunk)
                match event:
                    case Usage():
                        usage = event
                    case Timing():
                        timing = event
                    case Done():
                        reason = event.reason
                    case Failure():
                        raise error_of(event, client.name)
        last = AIMessageChunk(
            content="",
            usage_metadata=usage_metadata(usage),
            response_metadata=metadata(client.name, reason, usage, timing),
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=last)

    def _request(self, messages: list[BaseMessage], stop: list[str] | None, given: dict[str, Any]) -> Request:
        def value(name: str) -> Any:
            return given.get(name, getattr(self, name))

        sampling = Sampling(
            temperature=value("temperature"),
            top_p=value("top_p"),
            seed=value("seed"),
            stop=tuple(stop or value("stop") or ()),
        )
        return Request(
            to_messages(messages),
            schema=given.get("schema"),
            tools=tuple(given.get("tools", ())),
            tool_choice=_choice(given.get("tool_choice")),
            sampling=sampling,
            max_tokens=value("max_tokens"),
            deadline=value("timeout") or 600.0,
        )


def _choice(choice: str | dict[str, Any] | bool | None) -> str:
    if isinstance(choice, dict):
        return str(choice.get("function", choice).get("name", "required"))
    return {None: "auto", False: "auto", True: "required", "any": "required"}.get(choice, str(choice))
