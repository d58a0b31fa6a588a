"""The command lines for vLLM. With `-m vllm` the installed version's own argument parser reads them, which needs neither
weights nor GPUs; $AGENTFLOW_VLLM names the program, as in test_conformance.py."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agentflow.errors import ConfigError
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers import vllm
from agentflow.models.servers.cli_flags import CommandLine
from agentflow.models.servers.server_dir import ServerDir
from agentflow.models.weights.locate import Files

CONFIGS: dict[str, dict[str, Any]] = {
    "n-gram drafts": {"speculation": {"method": "ngram", "max_draft": 5}},
    "a head that drafts": {"speculation": {"method": "eagle3", "max_draft": 3}},
    "four GPUs": {"gpu": {"tensor_parallel": 2, "pipeline_parallel": 2, "quantization": "fp8", "kv_type": "fp8"}},
    "adapters by name": {"adapters": {"reading": "loras/reading", "checking": "loras/checking"}},
    "tools and thinking": {"tool_parser": "hermes", "reasoning_parser": "qwen3", "template": {"file": "chat.jinja"}},
}


def peft(folder: Path, rank: int) -> Path:
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": rank}))
    return folder


def configured(**fields: Any) -> ModelConfig:
    return ModelConfig.model_validate_json(json.dumps({"name": "m", "backend": "vllm", "weights": "w", **fields}))


@pytest.mark.vllm
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", CONFIGS)
def test_vllm_knows_every_argument(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (program := os.environ.get("AGENTFLOW_VLLM")):
        pytest.skip("$AGENTFLOW_VLLM names no program")
    monkeypatch.setattr(vllm, "gpus", lambda: [None] * 4)
    config = configured(command=program, env={"VLLM_TARGET_DEVICE": "cpu"}, **CONFIGS[name])
    loras = tuple(peft(tmp_path / key, rank=32) for key in config.adapters)
    launch = vllm.launch(config, Files(tmp_path, tmp_path, adapters=loras), ServerDir(tmp_path))
    ran = subprocess.run(
        [*launch.argv, "--no-such-argument"], capture_output=True, text=True, env=os.environ | launch.env, check=False
    )
    assert ran.stderr.splitlines()[-1].endswith("unrecognized arguments: --no-such-argument")


def test_each_adapter_has_its_own_name_and_the_highest_rank_has_room(tmp_path: Path) -> None:
    config = configured(adapters={"reading": "r", "checking": "c"})
    files = Files(tmp_path, adapters=(peft(tmp_path / "r", 8), peft(tmp_path / "c", 24)))
    line = CommandLine("vllm", frozenset({"--enable-lora", "--max-lora-rank", "--lora-modules"}))
    vllm.adapters(line, config, files)
    assert line.argv == [
        *("--enable-lora", "--max-lora-rank", "32"),
        *("--lora-modules", f"m:reading={tmp_path / 'r'}", f"m:checking={tmp_path / 'c'}"),
    ]


def test_what_vllm_cannot_do_with_an_adapter_is_said_before_it_starts(tmp_path: Path) -> None:
    files = Files(tmp_path, adapters=(tmp_path,))
    line = CommandLine("vllm", frozenset({"--enable-lora", "--max-lora-rank", "--lora-modules"}))
    with pytest.raises(ConfigError, match="no adapter of a rank up to 512"):
        vllm.adapters(line, configured(adapters={"reading": "r"}), files)
    with pytest.raises(ConfigError, match="'m:reading': vLLM takes an adapter at its full strength only"):
        vllm.adapters(line, configured(adapters={"reading": {"weights": "r", "scale": 0.5}}), files)
