"""`vllm serve` as a managed program."""

import json
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError, ConfigError
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.cli_flags import CommandLine, find_program, offered
from agentflow.models.servers.command import ServerCommand, free_port, new_key
from agentflow.models.servers.server_dir import ServerDir
from agentflow.models.weights.hardware import gpus
from agentflow.models.weights.locate import Files

ENVIRONMENT = {
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_ENGINE_READY_TIMEOUT_S": "600",
    # The guidance backend of 0.32 refuses the structural tags that strict tool calling makes ('triggers'); a required
    # call is then bound by its JSON schema, and checked on our side as every answer is.
    "VLLM_ENFORCE_STRICT_TOOL_CALLING": "0",
}

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)  # that --max-lora-rank can be


def launch(config: ModelConfig, files: Files, place: ServerDir) -> ServerCommand:
    program = find_program("vllm", config.command)
    key, port = new_key(), free_port(config)
    line = CommandLine(
        "vllm", offered(program, "serve", "--help=all", env=config.env), [program, "serve", str(files.weights)]
    )
    line.add("--served-model-name", config.name)
    line.add("--host", "127.0.0.1", needed_for="listen on loopback only")
    line.add("--port", port, needed_for="listen on a chosen port")
    line.add("--max-model-len", config.context)
    line.add("--max-num-seqs", config.parallel)
    line.add("--max-num-queued-reqs", config.queue)
    line.add("--scheduling-policy", "priority")
    line.add("--enable-prompt-tokens-details")
    line.add("--disable-uvicorn-access-log")
    # xgrammar, the default, can write blanks without end (vLLM #38696).
    line.add("--structured-outputs-config", json.dumps({"backend": "guidance", "disable_any_whitespace": True}))
    parallelism(line, config)
    if config.gpu.quantization:
        line.add("--quantization", config.gpu.quantization)
    if config.gpu.kv_type not in ("auto", "f16", "q8_0", "q4_0"):
        line.add("--kv-cache-dtype", "bfloat16" if config.gpu.kv_type == "bf16" else config.gpu.kv_type)
    if config.template.file:
        line.add("--chat-template", config.template.file, needed_for="take another chat template")
    if config.tool_parser:
        line.add("--enable-auto-tool-choice")
        line.add("--tool-call-parser", config.tool_parser, needed_for="parse tool calls")
    if config.reasoning_parser:
        line.add("--reasoning-parser", config.reasoning_parser, needed_for="tell thinking from the answer")
    adapters(line, config, files)
    if found := speculation(config, files.draft):
        line.add("--speculative-config", json.dumps(found), needed_for="speculate")
        line.add("--per-request-spec-decode-metrics", "summary")
    line.argv += config.args
    return ServerCommand(
        argv=line.argv,
        env={**ENVIRONMENT, "VLLM_API_KEY": key, **config.env},
        url=f"http://127.0.0.1:{port}/v1",
        key=key,
        model=config.name,
    )


def parallelism(line: CommandLine, config: ModelConfig) -> None:
    """Several GPUs, and how much of each. Raises AgentflowError when this machine has fewer."""
    wanted = config.gpu.tensor_parallel * config.gpu.pipeline_parallel
    if wanted > max(1, len(gpus())):
        raise AgentflowError(
            f"'{config.name}' wants {wanted} GPUs, this machine has {len(gpus())}",
            f"lower gpu.tensor_parallel and gpu.pipeline_parallel of '{config.name}' in models.yaml",
        )
    if config.gpu.tensor_parallel > 1:
        line.add("--tensor-parallel-size", config.gpu.tensor_parallel)
    if config.gpu.pipeline_parallel > 1:
        line.add("--pipeline-parallel-size", config.gpu.pipeline_parallel)
    if gpus():
        line.add("--gpu-memory-utilization", config.gpu.memory_share)


def adapters(line: CommandLine, config: ModelConfig, files: Files) -> None:
    """Each by its own name, MODEL:ADAPTER. Raises ConfigError for what vLLM cannot do with an adapter."""
    if not files.adapters:
        return
    for name, variant in config.variants.items():
        if variant.adapter and variant.adapter.scale != 1:
            raise ConfigError(f"'{name}': vLLM takes an adapter at its full strength only", "leave `scale` out")
    line.add("--enable-lora", needed_for="use adapters")
    line.add("--max-loras", len(files.adapters))
    line.add("--max-lora-rank", next(size for size in RANKS if size >= max(map(rank_of, files.adapters))))
    named = (f"{name}={path}" for name, path in zip(config.variants, files.adapters, strict=True))
    line.add("--lora-modules", *named, needed_for="use adapters")


def rank_of(adapter: Path) -> int:
    """As a PEFT folder tells it. Raises ConfigError when it is none, or its rank is too high."""
    told = adapter / "adapter_config.json"
    rank = json.loads(told.read_text("utf-8")).get("r", 0) if told.is_file() else 0
    if not 0 < rank <= RANKS[-1]:
        raise ConfigError(
            f"no adapter of a rank up to {RANKS[-1]} in {adapter}",
            "vLLM reads folders of PEFT, with adapter_config.json",
        )
    return int(rank)


def speculation(config: ModelConfig, draft: Path | None) -> dict[str, Any]:
    """vLLM's --speculative-config; empty for none."""
    asked = config.speculation
    method = asked.method or ("draft_model" if draft else None)
    if not method or not config.max_draft:
        return {}
    found: dict[str, Any] = {"method": method, "num_speculative_tokens": config.max_draft}
    if method.startswith("ngram"):
        return {**found, "prompt_lookup_min": asked.lookup_min, "prompt_lookup_max": asked.lookup_max}
    if method in ("eagle", "eagle3", "draft_model", "medusa", "dflash"):
        if draft is None:
            raise ConfigError(
                f"'{config.name}': speculation method {method} needs a draft", "add `draft: {weights: ...}`"
            )
        found["model"] = str(draft)
    return found
