"""The embedded llama.cpp server: `python -m agentflow.serving` in a process of its own."""

import json
import sys
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError, ConfigError
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.paths import cache_home, prefix_home
from agentflow.models.servers.command import ServerCommand, free_port, new_key, socket_path
from agentflow.models.servers.server_dir import ServerDir
from agentflow.models.weights.hardware import gpus
from agentflow.models.weights.hashes import file_hash
from agentflow.models.weights.locate import Files

ALL_LAYERS = 9999


def launch(config: ModelConfig, files: Files, place: ServerDir) -> ServerCommand:
    key = new_key()
    socket = "" if config.port else socket_path(place.folder)
    orders = {
        "socket": socket or None,
        "host": "127.0.0.1",
        "port": free_port(config) if config.port else 0,
        "api_key": key,
        "parent_pid": "{supervisor}",
        "threads": config.threads,
        "models": [model(one, of) for one, of in each(config, files)],
        "queue": config.queue,
    }
    return ServerCommand(
        argv=[sys.executable, "-m", "agentflow.serving", "--config", "-"],
        env=dict(config.env),
        stdin=json.dumps(orders).replace('"{supervisor}"', "{supervisor}"),
        ready_line=True,
        url="http://agentflow/v1" if socket else "",
        socket=socket,
        key=key,
        model=config.name,
    )


def each(config: ModelConfig, files: Files) -> list[tuple[ModelConfig, Files]]:
    """The model, and each of its adapters as a model of its own; they draft by lookup only."""
    variants = zip(config.variants.values(), files.adapters, strict=True)
    return [(config, files), *((variant, Files(files.weights, adapter=path)) for variant, path in variants)]


def model(config: ModelConfig, files: Files) -> dict[str, Any]:
    """The entry in the words of the embedded server."""
    if config.gpu.kv_type in ("bf16", "fp8"):
        raise ConfigError(
            f"'{config.name}': gpu.kv_type {config.gpu.kv_type} is not known to the embedded server",
            "choose auto, f16, q8_0 or q4_0",
        )
    return {
        "name": config.name,
        "path": str(files.weights),
        "kind": config.kind,
        "context": config.context,
        "parallel": config.parallel,
        "draft": str(files.draft) if files.draft else None,
        "adapter": str(files.adapter) if files.adapter else None,
        "adapter_scale": config.adapter.scale if config.adapter else 1.0,
        "lazy": bool(config.adapters),
        "gpu_layers": gpu_layers(config),
        "kv_type": "f16" if config.gpu.kv_type == "auto" else config.gpu.kv_type,
        "speculation": {
            "lookup": config.speculation.lookup,
            "schema": config.speculation.schema_,
            "max_draft": config.max_draft,
        },
        "searches": str(cache_home() / "searches"),
        "prefix_store": {
            "memory": config.prefix_cache.memory,
            "disk": config.prefix_cache.disk,
            "folder": str(prefix_home()),
            "identity": identity(config, files),
        },
        "chat_template": Path(config.template.file).read_text("utf-8") if config.template.file else None,
        "flash_attention": config.gpu.flash_attention,
    }


def identity(config: ModelConfig, files: Files) -> str:
    """What a computed prompt depends on beside its tokens."""
    if config.kind == "embedding":
        return ""
    adapter = f"+{file_hash(files.adapter)}" if files.adapter else ""
    scale = f"*{config.adapter.scale:g}" if adapter and config.adapter else ""
    return f"{file_hash(files.weights)}{adapter}{scale}"


def gpu_layers(config: ModelConfig) -> int:
    """Layers on the GPU. Raises AgentflowError when the entry wants a GPU and there is none."""
    wanted = config.gpu.layers
    if wanted == "auto":
        return ALL_LAYERS if gpus() else 0
    if wanted and not gpus():
        raise AgentflowError(
            f"'{config.name}' wants {wanted} layers on a GPU, but this machine has none",
            f"set `gpu: {{layers: auto}}` for '{config.name}' in models.yaml; `agentflow models fit` shows what fits",
        )
    return ALL_LAYERS if wanted == "all" else wanted
