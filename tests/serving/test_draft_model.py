"""A draft model speeds up and changes nothing; one that speaks another language is refused."""

from pathlib import Path

import pytest

from agentflow.errors import ConfigError
from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.config import DraftingConfig
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.speculative.draft_model import open_draft
from agentflow.serving.speculative.speculator import Speculator
from benchmarks.random_weights import TINY, Shape, write_model
from tests.serving.conftest import ask, is_clean
from tests.serving.test_engine import greedy, words


def engine_with_draft(weights: LlamaModel, draft: Path, cells: int = 4096) -> InferenceEngine:
    context = LlamaContext(weights, cells=cells, sequences=8, batch=256, kv_type="f32", flash_attention=False)
    cost = StepCost()
    cost.seconds = {1: 1.0, 64: 1.0}
    model = open_draft(draft, context, threads=1, gpu_layers=0)
    model.seconds_per_token = 0.0
    speculation = DraftingConfig(lookup=False, schema=False, max_draft=8)
    return InferenceEngine(
        context, parallel=4, window=1024, queue=10, speculator=Speculator(speculation, cost, model=model), cost=cost
    )


def test_the_same_model_as_its_own_draft_is_always_right(weights: LlamaModel, gguf: Path) -> None:
    engine = engine_with_draft(weights, gguf)
    prompts = [words(30, seed=i) for i in range(3)]
    answers = [ask(engine, prompt, 24, logprobs=0, ignore_end=True) for prompt in prompts]
    engine.start()
    for prompt, answer in zip(prompts, answers, strict=True):
        statistics = answer.finish().statistics
        assert [s.token for p in answer.pieces for s in p.logprobs] == greedy(weights, prompt, 24)
        assert statistics.accepted >= 0.8 * statistics.drafted > 0
        assert statistics.steps < 12
    assert is_clean(engine)
    engine.stop()


def test_another_model_as_draft_is_mostly_wrong_and_harmless(weights: LlamaModel, tmp_path: Path) -> None:
    engine = engine_with_draft(weights, write_model(tmp_path / "other.gguf", seed=2))
    prompt = words(30, seed=5)
    answer = ask(engine, prompt, 24, logprobs=0, ignore_end=True)
    engine.start()
    answer.finish()
    assert [s.token for p in answer.pieces for s in p.logprobs] == greedy(weights, prompt, 24)
    engine.stop()


def test_a_prompt_that_takes_longer_to_read_than_drafts_can_save_is_not_read(weights: LlamaModel, gguf: Path) -> None:
    engine = engine_with_draft(weights, gguf)
    model = engine.speculator.model
    assert model is not None
    model.seconds_per_prompt_token = 1.0  # as long as a step of the large model: 200 tokens for at most 24 steps
    answer = ask(engine, words(200, seed=6), 24, logprobs=0, ignore_end=True)
    engine.start()
    statistics = answer.finish().statistics
    assert (statistics.drafted, model.held) == (0, {})
    engine.stop()


def test_another_vocabulary_is_refused(weights: LlamaModel, tmp_path: Path) -> None:
    shape = Shape(1024, TINY.width, TINY.layers, TINY.heads, TINY.kv_heads, TINY.feed_forward)
    with pytest.raises(ConfigError, match="vocabulary"):
        engine_with_draft(weights, write_model(tmp_path / "small.gguf", shape))
