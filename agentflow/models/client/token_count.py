"""Prompt lengths: by the server's own tokenizer where it has one, else by an estimate that errs on the long side."""

from collections.abc import Sequence
from typing import Any

import httpx2

from agentflow.models.client.capabilities import Capabilities
from agentflow.models.client.openai_request import message
from agentflow.models.client.types import Message

PER_MESSAGE = 8
CHARACTERS_PER_TOKEN = 3.0


async def count(http: httpx2.AsyncClient, model: str, can: Capabilities, messages: Sequence[Message]) -> int:
    """Tokens of the prompt with the model's chat template. Raises httpx2.HTTPError."""
    form = [message(item) for item in messages]
    if can.kind == "llama.cpp":
        prompt = (await _post(http, "/apply-template", {"messages": form}))["prompt"]
        tokens = await _post(http, "/tokenize", {"content": prompt, "add_special": True, "parse_special": True})
        return len(tokens["tokens"])
    if can.counts:
        return int((await _post(http, "/tokenize", {"model": model, "messages": form}))["count"])
    return estimate(messages)


def estimate(messages: Sequence[Message]) -> int:
    characters = sum(len(item.content) for item in messages)
    return int(characters / CHARACTERS_PER_TOKEN) + PER_MESSAGE * len(messages)


def at_most(messages: Sequence[Message]) -> int:
    """More tokens than this there cannot be: no tokenizer has a token shorter than a byte."""
    return sum(len(item.content.encode("utf-8", "surrogatepass")) + 4 * PER_MESSAGE for item in messages)


async def _post(http: httpx2.AsyncClient, path: str, content: dict[str, Any]) -> dict[str, Any]:
    answer = await http.post(path, json=content)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
