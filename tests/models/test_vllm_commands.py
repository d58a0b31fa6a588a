"""The command lines for vLLM, read by the installed version's own argument parser; it needs neither weights nor GPUs for that.

$AGENTFLOW_VLLM names the program, as in test_conformance.py.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers import vllm
from agentflow.models.servers.server_dir import ServerDir
from agentflow.models.weights.locate import Files

CONFIGS: dict[str, dict[str, Any]] = {
    "n-gram drafts": {"speculation": {"method": "ngram", "max_draft": 5}},
    "a head that drafts": {"speculation": {"method": "eagle3", "max_draft": 3}},
    "four GPUs": {"gpu": {"tensor_parallel": 2, "pipeline_parallel": 2, "quantization": "fp8", "kv_type": "fp8"}},
    "tools and thinking": {"tool_parser": "hermes", "reasoning_parser": "qwen3", "template": {"file": "chat.jinja"}},
}

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1200)]


@pytest.mark.parametrize("name", CONFIGS)
def test_vllm_knows_every_argument(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (program := os.environ.get("AGENTFLOW_VLLM")):
        pytest.skip("$AGENTFLOW_VLLM names no program")
    monkeypatch.setattr(vllm, "gpus", lambda: [None] * 4)
    fields = {"name": "m", "backend": "vllm", "weights": str(tmp_path), "command": program, "env": {"VLLM_TARGET_DEVICE": "cpu"}}  # fmt: skip
    config = ModelConfig.model_validate_json(json.dumps(fields | CONFIGS[name]))
    launch = vllm.launch(config, Files(tmp_path, draft=tmp_path), ServerDir(tmp_path))
    ran = subprocess.run(
        [*launch.argv, "--no-such-argument"], capture_output=True, text=True, env=os.environ | launch.env, check=False
    )
    assert ran.stderr.splitlines()[-1].endswith("unrecognized arguments: --no-such-argument")
