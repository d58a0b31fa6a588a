"""Only CPUs with AMX pay for the probe, and its file is a model llama.cpp loads."""

from pathlib import Path

import llama_cpp

from agentflow.serving.backend import amx, llama_library


def test_the_probe_is_a_whole_model(tmp_path: Path) -> None:
    llama_library.start()
    amx.write_probe(tmp_path / "probe.gguf")
    params = llama_cpp.llama_model_default_params()
    params.use_extra_bufts = False
    model = llama_cpp.llama_model_load_from_file(str(tmp_path / "probe.gguf").encode(), params)
    assert model and llama_cpp.llama_model_n_layer(model) == 1
    llama_cpp.llama_model_free(model)


def test_only_cpus_with_amx_are_probed() -> None:
    assert amx.has_amx() or not amx.is_broken()
