"""LangChain's own suite for chat models, against the adapter over a scripted server."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests
from starlette.responses import Response, StreamingResponse

from agentflow.models.catalog.catalog import Cluster, ModelCatalog
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.langchain.background import background
from agentflow.models.langchain.chat import ChatAgentflow
from agentflow.models.pool import Models

from .fakes import DONE, application, delta, serving, sse, usage


def fill(schema: dict[str, Any], text: str, root: dict[str, Any]) -> Any:
    """Some value of a schema; numbers and quoted words are taken from the text."""
    if "$ref" in schema:
        return fill(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], text, root)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return fill(schema["anyOf"][0], text, root)
    match schema.get("type"):
        case "object":
            return {name: fill(part, text, root) for name, part in schema.get("properties", {}).items()}
        case "array":
            return [fill(schema["items"], text, root)]
        case "integer" | "number":
            return int((re.findall(r"\d+", text) or ["1"])[-1])
        case "boolean":
            return True
    return (re.findall("'([^']+)'", text) or ["meow"])[0]


def scripted(body: dict[str, Any]) -> Response:
    """Calls a tool when one is asked for and has not answered yet; else says a few words."""
    messages = body["messages"]
    said = next((message["content"] for message in reversed(messages) if message["role"] == "user"), "")
    schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
    answered = messages[-1]["role"] == "tool"
    stops = body.get("stop") or []
    if body.get("tools") and not answered and body.get("tool_choice") != "none":
        choice = body.get("tool_choice")
        named = choice["function"]["name"] if isinstance(choice, dict) else None
        tool = next(tool["function"] for tool in body["tools"] if named in (None, tool["function"]["name"]))
        parameters = tool.get("parameters", {})
        arguments = json.dumps(fill({"type": "object", **parameters}, said, parameters), ensure_ascii=False)
        if "greet" in tool["name"] and "yesterday" in said:
            arguments = "{}"
        call = {
            "index": 0,
            "id": "call_1",
            "type": "function",
            "function": {"name": tool["name"], "arguments": arguments},
        }
        events: list[Any] = [delta(tool_calls=[call]), delta("tool_calls")]
    elif schema is not None:
        events = [delta(content=json.dumps(fill(schema, said, schema))), delta("stop")]
    else:
        events = [
            delta(content=word) for word in ("The ", "magic ", "number ", "is ", "6.") if word.strip() not in stops
        ]
        events.append(delta("stop"))
    return StreamingResponse(sse(*events, usage(12, 5), DONE), media_type="text/event-stream")


@pytest.fixture(scope="module", autouse=True)
def pool() -> Iterator[None]:
    """The background's pool answers from the scripted server."""
    from contextlib import AsyncExitStack

    stack = AsyncExitStack()
    models = [{"id": "small", "object": "model"}, {"id": "other", "object": "model"}]
    url = background().run(stack.enter_async_context(serving(application(scripted, models=models))))
    entries = {
        name: ModelConfig(name=name, backend="endpoint", url=(url,), model=name, context=4096)
        for name in ("small", "other")
    }
    catalog = ModelCatalog(entries, {"default": Cluster(models=("small",))})
    from pathlib import Path

    background().pools[None] = Models(catalog, Path())
    yield
    background().close()
    background().run(stack.aclose())


class TestUnit(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[ChatAgentflow]:
        return ChatAgentflow

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "small"}


class TestIntegration(ChatModelIntegrationTests):
    @property
    def chat_model_class(self) -> type[ChatAgentflow]:
        return ChatAgentflow

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "small"}

    @property
    def supports_model_override(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return "other"

    @property
    def supports_json_mode(self) -> bool:
        return False


@pytest.mark.filterwarnings("ignore:create_react_agent")
async def test_a_prebuilt_agent_runs_on_it() -> None:
    from langgraph.prebuilt import create_react_agent

    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    agent = create_react_agent(ChatAgentflow(model="small"), [add])
    state = await agent.ainvoke({"messages": [HumanMessage("What is 2 plus 2?")]})
    assert [message.type for message in state["messages"]] == ["human", "ai", "tool", "ai"]
    assert state["messages"][2].content == "4"
