"""A recurrent model's state cannot be cut: it is continued as a whole or computed again, and nothing is drafted."""

from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest

from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.llama_model import LlamaModel, open_weights
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.config import DraftingConfig
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.speculative.speculator import Speculator
from benchmarks.random_weights import CONTROL, TAGS, vocabulary
from tests.serving.conftest import ask, is_clean
from tests.serving.test_engine import words

WIDTH, INNER, STATE, RANK, KERNEL, TOKENS = 64, 128, 16, 4, 4, 2048


def write_mamba(path: Path) -> Path:
    random = np.random.default_rng(3)
    writer = gguf.GGUFWriter(path, "mamba")
    tokens, merges = vocabulary(TOKENS)
    writer.add_context_length(4096)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_block_count(2)
    writer.add_ssm_conv_kernel(KERNEL)
    writer.add_ssm_inner_size(INNER)
    writer.add_ssm_state_size(STATE)
    writer.add_ssm_time_step_rank(RANK)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * (TOKENS - len(CONTROL) - len(TAGS)) + [3] * len(CONTROL) + [4] * len(TAGS))
    writer.add_token_merges(merges)
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)

    def add(name: str, *shape: int) -> None:
        writer.add_tensor(name, (random.standard_normal(shape) / shape[-1] ** 0.5).astype(np.float32))

    add("token_embd.weight", TOKENS, WIDTH)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(2):
        prefix = f"blk.{layer}."
        writer.add_tensor(f"{prefix}attn_norm.weight", np.ones(WIDTH, np.float32))
        add(f"{prefix}ssm_in.weight", 2 * INNER, WIDTH)
        add(f"{prefix}ssm_conv1d.weight", INNER, KERNEL)
        writer.add_tensor(f"{prefix}ssm_conv1d.bias", np.zeros(INNER, np.float32))
        add(f"{prefix}ssm_x.weight", RANK + 2 * STATE, INNER)
        add(f"{prefix}ssm_dt.weight", INNER, RANK)
        writer.add_tensor(f"{prefix}ssm_dt.bias", np.zeros(INNER, np.float32))
        writer.add_tensor(f"{prefix}ssm_a", -np.tile(np.arange(1, STATE + 1, dtype=np.float32), (INNER, 1)))
        writer.add_tensor(f"{prefix}ssm_d", np.ones(INNER, np.float32))
        add(f"{prefix}ssm_out.weight", WIDTH, INNER)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def mamba(tmp_path_factory: pytest.TempPathFactory) -> LlamaModel:
    return open_weights(write_mamba(tmp_path_factory.mktemp("weights") / "mamba.gguf"))


@pytest.fixture
def engine(mamba: LlamaModel) -> Iterator[InferenceEngine]:
    context = LlamaContext(mamba, cells=2048, sequences=8, batch=256)
    cost = StepCost()
    speculator = Speculator(DraftingConfig(max_draft=16), cost, rollback=not mamba.recurrent)
    engine = InferenceEngine(context, parallel=4, window=1024, queue=10, speculator=speculator, cost=cost)
    engine.start()
    yield engine
    engine.stop()
    context.close()


def test_an_appended_prompt_continues_the_state_and_an_edited_one_starts_over(
    engine: InferenceEngine, mamba: LlamaModel
) -> None:
    assert mamba.recurrent
    prompt = words(80, seed=1)
    first = ask(engine, prompt, 12, logprobs=0, ignore_end=True)
    assert first.finish().statistics.drafted == 0
    text = [s.token for p in first.pieces for s in p.logprobs]
    longer = [*prompt, *text, *words(10, seed=2)]
    continued = ask(engine, longer, 12, logprobs=0, ignore_end=True)
    assert continued.finish().statistics.cached == len(prompt) + 11
    edited = ask(engine, [*words(10, seed=3), *longer[10:]], 4, ignore_end=True)
    assert edited.finish().statistics.cached == 0
    assert is_clean(engine)
    again = ask(engine, longer, 12, logprobs=0, ignore_end=True)
    assert again.finish().statistics.cached == 0
    assert [s.token for p in again.pieces for s in p.logprobs] == [
        s.token for p in continued.pieces for s in p.logprobs
    ]


def test_several_at_once_do_not_mix_their_states(engine: InferenceEngine) -> None:
    prompts = [words(30 + i, seed=10 + i) for i in range(4)]
    alone = []
    for prompt in prompts:
        answer = ask(engine, prompt, 10, logprobs=0, ignore_end=True)
        answer.finish()
        alone.append([s.token for p in answer.pieces for s in p.logprobs])
        assert is_clean(engine)
    together = [ask(engine, prompt, 10, logprobs=0, ignore_end=True) for prompt in prompts]
    for answer, expected in zip(together, alone, strict=True):
        answer.finish()
        assert [s.token for p in answer.pieces for s in p.logprobs] == expected
