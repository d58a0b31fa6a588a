"""What a running server is and can do: asked once per connection, never assumed from its name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import httpx2

from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.server import Endpoint

Kind = Literal["agentflow", "vllm", "llama.cpp", "ollama", "lmstudio", "openai"]
OLLAMA_DEFAULT = 4096


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`window` in tokens, 0 when the server does not say; `counts`: it has a tokenizer endpoint."""

    kind: Kind
    version: str = ""
    window: int = 0
    counts: bool = False
    priority: bool = False
    """Takes a request's priority."""
    min_p: bool = True
    template_options: bool = False
    tools: bool = True
    """The chat template has a place for tools; else toolless.py binds the answer to a schema of them."""
    thinks: bool = False
    """The model can think before it answers, and the server can be told how long."""
    cuts_silently: bool = False
    """Shortens an overlong prompt without a word."""


async def probe(http: httpx2.AsyncClient, endpoint: Endpoint, config: ModelConfig) -> Capabilities:
    """Finds the server's kind by the endpoints that only it has. `http` talks to the server's root."""
    found = await _probe(http, endpoint, config)
    limited = "context" in config.model_fields_set and config.backend == "endpoint"
    window = min(found.window, config.context) if found.window and limited else found.window or config.context
    return replace(found, window=window)


async def _probe(http: httpx2.AsyncClient, endpoint: Endpoint, config: ModelConfig) -> Capabilities:
    listed = await _listed(http, endpoint.model)
    if window := listed.get("context_window"):
        thinks = bool(listed.get("thinks"))
        return Capabilities(
            "agentflow", "", int(window), counts=True, priority=True, template_options=True, thinks=thinks
        )
    if config.backend == "vllm" or "max_model_len" in listed or listed.get("owned_by") == "vllm":
        version = (await _get(http, "/version")).get("version", "")
        # A vLLM that speculates answers 400 to min_p, and an endpoint does not say whether it speculates.
        window = int(listed.get("max_model_len") or 0)
        priority = config.backend == "vllm"
        return Capabilities(
            "vllm",
            version,
            window,
            counts=True,
            priority=priority,
            min_p=False,
            template_options=True,
            thinks=bool(config.reasoning_parser),  # without one, vLLM answers 400 to a budget
        )
    if properties := await _get(http, "/props"):
        settings = properties.get("default_generation_settings", {})
        version = str(properties.get("build_info", ""))
        window = int(settings.get("n_ctx", 0))
        tools = properties.get("chat_template_caps", {}).get("supports_tools", True)
        template = str(properties.get("chat_template", ""))
        thinks = "<think>" in template or "enable_thinking" in template
        return Capabilities(
            "llama.cpp", version, window, counts=True, template_options=True, tools=tools, thinks=thinks
        )
    if version := (await _get(http, "/api/version")).get("version", ""):
        return Capabilities("ollama", version, await _ollama_window(http, endpoint.model), cuts_silently=True)
    if studio := await _get(http, "/api/v0/models"):
        mine: Mapping[str, Any] = next(
            (item for item in studio.get("data", []) if item.get("id") == endpoint.model), {}
        )
        window = mine.get("loaded_context_length") or mine.get("max_context_length") or 0
        return Capabilities("lmstudio", "", int(window))
    return Capabilities("openai", "", 0)


async def _listed(http: httpx2.AsyncClient, model: str) -> Mapping[str, Any]:
    items = (await _get(http, "/v1/models")).get("data") or []
    return next((item for item in items if item.get("id") == model), {})


async def _ollama_window(http: httpx2.AsyncClient, model: str) -> int:
    """Of the loaded model, else the model file's num_ctx, else Ollama's default: /v1 takes no num_ctx."""
    loaded = (await _get(http, "/api/ps")).get("models") or []
    for item in loaded:
        if item.get("name") == model and item.get("context_length"):
            return int(item["context_length"])
    try:
        shown = await http.post("/api/show", json={"model": model})
        lines = str(shown.json().get("parameters", "")).splitlines() if shown.status_code == 200 else []
    except (httpx2.HTTPError, ValueError):
        lines = []
    sizes = [int(line.split()[1]) for line in lines if line.startswith("num_ctx ")]
    return sizes[0] if sizes else OLLAMA_DEFAULT


async def _get(http: httpx2.AsyncClient, path: str) -> Mapping[str, Any]:
    """The JSON object at a path; empty where the server has no such path."""
    try:
        answer = await http.get(path)
        found = answer.json() if answer.status_code == 200 else {}
    except (httpx2.HTTPError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
