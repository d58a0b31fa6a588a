"""llama.cpp's own `llama-server`, when its binary is installed: the fastest way for GGUF files on a GPU."""

import json
from pathlib import Path

from agentflow.errors import ConfigError
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.cli_flags import CommandLine, find_program, offered
from agentflow.models.servers.command import ServerCommand, free_port, new_key
from agentflow.models.servers.embedded import ALL_LAYERS, gpu_layers
from agentflow.models.servers.server_dir import ServerDir
from agentflow.models.weights.locate import Files


def launch(config: ModelConfig, files: Files, place: ServerDir) -> ServerCommand:
    program = find_program("llama-server", config.command)
    key, port = new_key(), free_port(config)
    line = CommandLine("llama-server", offered(program, "--help"), [program, "--model", str(files.weights)])
    line.add("--alias", config.name)
    line.add("--host", "127.0.0.1", needed_for="listen on loopback only")
    line.add("--port", port, needed_for="listen on a chosen port")
    # llama-server divides --ctx-size by --parallel.
    line.add("--ctx-size", config.context * config.parallel)
    line.add("--parallel", config.parallel)
    if config.adapter and files.adapter:
        line.add("--lora-scaled", f"{files.adapter}:{config.adapter.scale:g}", needed_for="use an adapter")
    line.add("--jinja")
    line.add("--metrics")
    line.add("--no-webui")
    line.add("--n-gpu-layers", min(gpu_layers(config), ALL_LAYERS))
    line.add("--flash-attn", "on" if config.gpu.flash_attention else "off")
    # Slots that resemble each other only by their system prompt must not be taken from one another.
    line.add("--slot-prompt-similarity", 0.5)
    if config.threads:
        line.add("--threads", config.threads)
    if config.gpu.kv_type not in ("auto", "fp8"):
        line.add("--cache-type-k", config.gpu.kv_type)
        line.add("--cache-type-v", config.gpu.kv_type)
    if config.template.file:
        line.add("--chat-template-file", config.template.file, needed_for="take another chat template")
    if config.template.options:
        line.add("--chat-template-kwargs", json.dumps(config.template.options))
    if config.kind == "embedding":
        line.add("--embeddings", needed_for="serve embeddings")
    else:
        speculate(line, config, files.draft)
    line.argv += config.args
    return ServerCommand(
        argv=line.argv,
        env={"LLAMA_API_KEY": key, **config.env},
        url=f"http://127.0.0.1:{port}/v1",
        key=key,
        model=config.name,
    )


def speculate(line: CommandLine, config: ModelConfig, draft: Path | None) -> None:
    """Always names the type: some builds load a draft without one and never use it (llama-toolchest #41)."""
    method = config.speculation.method or ("draft-simple" if draft else None)
    if not method or not config.max_draft:
        return
    if method.startswith("draft-") and method != "draft-mtp" and draft is None:
        raise ConfigError(f"'{config.name}': speculation method {method} needs a draft", "add `draft: {weights: ...}`")
    line.add("--spec-type", method, needed_for=f"speculate with {method}")
    if draft:
        line.add("--model-draft", draft)
    if method.startswith("draft-"):
        line.add("--spec-draft-n-max", config.max_draft)
    elif method in ("ngram-simple", "ngram-map-k", "ngram-map-k4v"):
        line.add(f"--spec-{method}-size-n", config.speculation.lookup_max)
        line.add(f"--spec-{method}-size-m", config.max_draft)
