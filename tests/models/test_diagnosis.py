"""Why a server died, told from the end of its log."""

import pytest

from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.diagnosis import diagnose
from agentflow.models.servers.server_dir import Ended

CONFIG = ModelConfig.model_validate({"name": "m", "backend": "llama-server", "weights": "/m.gguf"})


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", "ran out of memory"),
        ("ValueError: No available memory for the cache blocks.", "ran out of memory"),
        ("[Errno 98] error while attempting to bind: address already in use", "found its port taken"),
        ("RuntimeError: Failed to infer device type", "found no usable GPU"),
        ("vllm: error: unrecognized arguments: --foo", "does not know an argument: --foo"),
        ("tensor 'x' data is not within the file bounds, model is corrupted or incomplete", "cannot read its weights"),
    ],
)
def test_logs_of_real_servers_are_understood(log: str, words: str) -> None:
    assert words in diagnose(CONFIG, Ended(1, log)).message


def test_an_empty_log_leaves_the_exit_code() -> None:
    assert diagnose(CONFIG, Ended(-15, "")).message == "the server of 'm' was ended by signal 15"
