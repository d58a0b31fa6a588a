"""A restarted engine finds its long prompts on disk, and ignores what does not fit."""

from pathlib import Path

from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.config import DraftingConfig
from agentflow.serving.engine.engine import Engine
from agentflow.serving.speculative.speculator import Speculator
from tests.serving.conftest import ask
from tests.serving.test_engine import greedy, words


def open_engine(weights: LlamaModel, folder: Path) -> Engine:
    context = LlamaContext(weights, cells=2048, sequences=8, batch=256, kv_type="f32", flash_attention=False)
    cost = StepCost()
    speculator = Speculator(DraftingConfig(max_draft=0), cost)
    engine = Engine(
        context, parallel=4, window=1024, queue=10, speculator=speculator, cost=cost, prefixes=folder, kv_type="f32"
    )
    engine.start()
    return engine


def test_a_prompt_survives_a_restart(weights: LlamaModel, tmp_path: Path) -> None:
    system = words(300, seed=1)
    first = open_engine(weights, tmp_path)
    ask(first, [*system, 400], 4, ignore_end=True).finish()
    ask(first, words(20, seed=2), 4, ignore_end=True).finish()
    first.stop()
    assert len(list(tmp_path.glob("*/*.state"))) == 1
    second = open_engine(weights, tmp_path)
    prompt = [*system, 500, 501]
    answer = ask(second, prompt, 8, logprobs=0, ignore_end=True)
    assert answer.finish().statistics.cached == 300
    assert [s.token for p in answer.pieces for s in p.logprobs] == greedy(weights, prompt, 8)
    second.stop()


def test_a_broken_file_is_removed(weights: LlamaModel, tmp_path: Path) -> None:
    engine = open_engine(weights, tmp_path)
    ask(engine, words(300, seed=1), 4, ignore_end=True).finish()
    engine.stop()
    (state,) = tmp_path.glob("*/*.state")
    state.write_bytes(state.read_bytes()[:1000])
    again = open_engine(weights, tmp_path)
    assert not state.exists()
    assert ask(again, words(300, seed=1), 4, ignore_end=True).finish().statistics.cached == 0
    again.stop()
