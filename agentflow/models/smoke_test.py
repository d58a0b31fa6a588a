"""`agentflow models test NAME`: a few small requests that show what a model and its server can do."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.events import Sink
from agentflow.models.catalog.catalog import ModelCatalog
from agentflow.models.client.prompted_tools import closed
from agentflow.models.client.types import Message, ModelClient, Request, Sampling
from agentflow.models.pool import Models

COLOUR = closed({"colour": {"type": "string", "enum": ["red", "green", "blue"]}})
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": closed({"city": {"type": "string", "maxLength": 40}}),
    },
}
Check = Callable[[Models, ModelClient, str], Awaitable[str]]


async def trial(catalog: ModelCatalog, name: str, sink: Sink) -> dict[str, Any]:
    """One row a check: what came back, seconds, error. Raises AgentflowError when the server cannot be reached."""
    started = time.monotonic()
    async with Models(catalog, Path.cwd(), sink=sink) as models:
        client = await models.client(name)
        ready = time.monotonic() - started
        can = (await client.connected()).can
        checks = EMBEDDING if client.config.kind == "embedding" else CHAT
        rows = [await _row(label, check, models, client, name) for label, check in checks.items()]
    return {
        "model": client.name,
        "server": f"{can.kind} {can.version}".strip(),
        "window": can.window,
        "ready_s": round(ready, 2),
        "checks": rows,
    }


async def _row(label: str, check: Check, models: Models, client: ModelClient, name: str) -> dict[str, Any]:
    started = time.monotonic()
    try:
        found, error = await check(models, client, name), ""
    except AgentflowError as failed:
        found, error = "", failed.message
    return {"check": label, "found": found, "error": error, "seconds": round(time.monotonic() - started, 3)}


def request(text: str, **more: Any) -> Request:
    return Request((Message("user", text),), sampling=Sampling(temperature=0.0, seed=1), **{"max_tokens": 48, **more})


async def _text(models: Models, client: ModelClient, name: str) -> str:
    answer = await models.ask(name, request("Say hello in one short sentence."))
    spent = max(answer.timing.decode, 1e-6)
    return f"{answer.text[:60]!r}, {answer.usage.completion} tokens, {answer.usage.completion / spent:.0f} tokens/s"


async def _json(models: Models, client: ModelClient, name: str) -> str:
    answer = await models.ask(name, request("Name a colour. Reply in JSON.", schema=COLOUR, max_tokens=64))
    return str(answer.data)


async def _tools(models: Models, client: ModelClient, name: str) -> str:
    asked = request("What is the weather in Oslo?", tools=(WEATHER,), tool_choice="required", max_tokens=96)
    answer = await models.ask(name, asked)
    return ", ".join(f"{call.name}({call.arguments})" for call in answer.tool_calls) or "no call"


async def _chances(models: Models, client: ModelClient, name: str) -> str:
    answer = await models.ask(name, request("Is water wet? Reply yes or no.", max_tokens=1, logprobs=5))
    return f"{len(answer.logprobs[0])} alternatives" if answer.logprobs else "the server gives none"


async def _count(models: Models, client: ModelClient, name: str) -> str:
    return f"{await client.count_tokens((Message('user', 'hello world'),))} tokens"


async def _embed(models: Models, client: ModelClient, name: str) -> str:
    vectors = await client.embed(["a cat", "a kitten", "the stock market"])
    near, far = float(vectors[0] @ vectors[1]), float(vectors[0] @ vectors[2])
    return f"{vectors.shape[1]} dimensions; cat and kitten {near:.2f}, cat and market {far:.2f}"


CHAT: dict[str, Check] = {
    "text": _text,
    "JSON under a schema": _json,
    "tool call": _tools,
    "probabilities": _chances,
    "token count": _count,
}
EMBEDDING: dict[str, Check] = {"embedding": _embed}
