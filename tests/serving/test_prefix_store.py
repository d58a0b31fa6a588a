"""Prefixes leave the window for memory and disk, come back in this engine or a later one, and nothing wrong is believed."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.config import DraftingConfig, PrefixStoreConfig
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.kvcache import prefix_store, state_files
from agentflow.serving.kvcache.prefix_store import PrefixStore
from agentflow.serving.speculative.speculator import Speculator
from tests.serving.conftest import Answer, ask, is_clean
from tests.serving.test_engine import greedy, words

Open = Callable[..., InferenceEngine]
SYSTEM = words(300, seed=1)


@pytest.fixture
def open_engine(weights: LlamaModel, tmp_path: Path) -> Iterator[Open]:
    opened: list[InferenceEngine] = []

    def make(
        *, identity: str = "weights", memory: int = 64 << 20, disk: int = 64 << 20, cells: int = 2048
    ) -> InferenceEngine:
        context = LlamaContext(weights, cells=cells, sequences=8, batch=256, kv_type="f32", flash_attention=False)
        cost = StepCost()
        cost.per_prompt_token = 1.0  # loading always pays
        config = PrefixStoreConfig(memory=memory, disk=disk, folder=tmp_path / "prefixes", identity=identity)
        store = PrefixStore(context, cost, config, kv_type="f32", name="tiny")
        speculator = Speculator(DraftingConfig(max_draft=0), StepCost())
        engine = InferenceEngine(
            context, parallel=4, window=1024, queue=10, speculator=speculator, cost=StepCost(), prefixes=store
        )
        engine.start()
        opened.append(engine)
        return engine

    yield make
    for engine in opened:
        if engine._thread.is_alive():
            engine.stop()
        engine.context.close()


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("prefixes/*/*.kv"))


def written(answer: Answer) -> list[int]:
    return [scored.token for piece in answer.pieces for scored in piece.logprobs]


def continued(engine: InferenceEngine, weights: LlamaModel, prompt: list[int]) -> int:
    """Asks for a greedy answer, compares it with one from a fresh context, and returns the tokens not computed."""
    answer = ask(engine, prompt, 8, logprobs=0, ignore_end=True)
    cached = answer.finish().statistics.cached
    assert written(answer) == greedy(weights, prompt, 8)
    return cached


@pytest.mark.parametrize("memory", [0, 64 << 20])
def test_a_prompt_survives_a_restart(open_engine: Open, weights: LlamaModel, tmp_path: Path, memory: int) -> None:
    first = open_engine(memory=memory)
    ask(first, [*SYSTEM, 400], 4, ignore_end=True).finish()
    ask(first, words(20, seed=2), 4, ignore_end=True).finish()
    first.stop()
    assert len(files(tmp_path)) == 5  # 301 tokens in blocks of 64; the short prompt is not worth a file
    second = open_engine(memory=memory)
    assert continued(second, weights, [*SYSTEM, 500, 501]) == 300
    assert continued(second, weights, [*SYSTEM[:150], 7, 8, 9]) == 150
    assert is_clean(second)


def test_it_comes_back_from_memory_when_the_window_has_forgotten_it(open_engine: Open, weights: LlamaModel) -> None:
    engine = open_engine(disk=0)
    ask(engine, [*SYSTEM, 400], 4, ignore_end=True).finish()
    engine.call(engine.kv_cache.drop_idle).result(60)
    assert continued(engine, weights, [*SYSTEM, 500]) == 300
    assert engine.kv_cache.store is not None
    assert engine.kv_cache.store.statistics.loaded_tokens == 300
    engine.call(engine.kv_cache.forget).result(60)
    assert continued(engine, weights, [*SYSTEM, 500]) == 0


def test_siblings_share_what_the_first_of_them_loads(open_engine: Open, weights: LlamaModel) -> None:
    engine = open_engine()
    ask(engine, [*SYSTEM, 400], 4, ignore_end=True).finish()
    engine.call(engine.kv_cache.drop_idle).result(60)
    prompts = [[*SYSTEM, *words(5, seed=30 + i)] for i in range(4)]
    answers = [ask(engine, prompt, 8, logprobs=0, ignore_end=True) for prompt in prompts]
    assert [answer.finish().statistics.cached for answer in answers] == [300] * 4
    assert [written(answer) for answer in answers] == [greedy(weights, prompt, 8) for prompt in prompts]
    assert is_clean(engine)


def test_equal_beginnings_are_stored_once(open_engine: Open) -> None:
    engine = open_engine()
    store = engine.kv_cache.store
    assert store
    for tail in range(4):
        ask(engine, [*SYSTEM[:256], *words(40, seed=10 + tail)], 2, ignore_end=True).finish()
    engine.call(lambda: None).result(60)
    assert store.statistics.saved_tokens == 256 + 4 * 40
    ask(engine, [*SYSTEM[:256], *words(40, seed=10), *words(60, seed=50)], 2, ignore_end=True).finish()
    engine.call(lambda: None).result(60)
    assert len(store.index.by_key) == 4 + 3 + 2  # the longer block takes the place of the tail that it begins with


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("harm", [damage, lambda p: p.write_bytes(p.read_bytes()[:-10]), lambda p: p.write_bytes(b"")])
def test_a_damaged_file_is_computed_again_and_never_believed(
    open_engine: Open, weights: LlamaModel, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    first = open_engine()
    ask(first, [*SYSTEM, 400], 4, ignore_end=True).finish()
    first.stop()
    assert first.kv_cache.store is not None
    third = next(block for block in first.kv_cache.store.index.by_key.values() if block.start == 128)
    path = next(path for path in files(tmp_path) if path.stem == third.key.hex())
    harm(path)
    second = open_engine()
    assert continued(second, weights, [*SYSTEM, 500]) == 128
    second.stop()
    assert continued(open_engine(), weights, [*SYSTEM, 500]) == 300, "it was saved again"


def test_files_that_vanish_while_the_server_runs(open_engine: Open, weights: LlamaModel, tmp_path: Path) -> None:
    first = open_engine()
    ask(first, [*SYSTEM, 400], 4, ignore_end=True).finish()
    first.stop()
    second = open_engine()
    for path in files(tmp_path):
        path.unlink()
    assert continued(second, weights, [*SYSTEM, 500]) == 0


def test_another_model_finds_nothing(open_engine: Open, weights: LlamaModel) -> None:
    first = open_engine()
    ask(first, [*SYSTEM, 400], 4, ignore_end=True).finish()
    first.stop()
    assert continued(open_engine(identity="other weights"), weights, [*SYSTEM, 500]) == 0


def test_only_the_user_can_read_what_is_saved(open_engine: Open, tmp_path: Path) -> None:
    engine = open_engine()
    ask(engine, [*SYSTEM, 400], 4, ignore_end=True).finish()
    engine.stop()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path)}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "prefixes", files(tmp_path)[0].parent)}
    assert (modes, folders) == ({0o600}, {0o700})


def test_both_storeys_keep_their_bounds(open_engine: Open, weights: LlamaModel, tmp_path: Path) -> None:
    engine = open_engine()
    ask(engine, SYSTEM, 2, ignore_end=True).finish()
    engine.stop()
    one = files(tmp_path)[0].stat().st_size
    small = open_engine(identity="small", memory=3 * one, disk=6 * one)
    for seed in range(5):
        ask(small, words(260, seed=seed + 70), 2, ignore_end=True).finish()
    last = words(260, seed=74)
    small.stop()
    assert small.kv_cache.store is not None
    assert small.kv_cache.store.memory.bytes <= 3 * one
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 6 * one
    assert continued(open_engine(identity="small"), weights, [*last, 5]) == 256, "the latest stays"


def test_a_prefix_that_memory_alone_held_is_not_promised_any_longer(open_engine: Open, weights: LlamaModel) -> None:
    engine = open_engine(memory=200_000, disk=0)
    for seed in range(5):
        ask(engine, words(260, seed=seed + 70), 2, ignore_end=True).finish()
    engine.call(engine.kv_cache.drop_idle).result(60)
    assert engine.kv_cache.store is not None
    assert set(engine.kv_cache.store.index.by_key) == set(engine.kv_cache.store.memory.states)
    assert continued(engine, weights, [*words(260, seed=70), 5]) == 0


def test_old_files_and_torn_ones_go_at_the_start(open_engine: Open, tmp_path: Path) -> None:
    engine = open_engine()
    ask(engine, SYSTEM, 2, ignore_end=True).finish()
    engine.stop()
    old, *others = files(tmp_path)
    torn = old.with_name(".x.kv.1-2.partial")
    torn.write_bytes(b"half")
    for path in (old, torn):
        os.utime(path, (0, 0))
    open_engine()
    assert files(tmp_path) == others
    assert not torn.exists()


def test_a_disk_that_cannot_be_written_is_told_and_does_no_harm(
    open_engine: Open, weights: LlamaModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state_files, "write_whole", full)
    engine = open_engine()
    ask(engine, [*SYSTEM, 400], 4, ignore_end=True).finish()
    engine.call(engine.kv_cache.drop_idle).result(60)
    assert continued(engine, weights, [*SYSTEM, 500]) == 300, "memory still has it"
    engine.stop()
    assert files(tmp_path) == []


def test_what_costs_more_to_load_than_to_compute_is_computed(open_engine: Open, weights: LlamaModel) -> None:
    engine = open_engine()
    store = engine.kv_cache.store
    assert store
    ask(engine, [*SYSTEM, 400], 4, ignore_end=True).finish()
    engine.call(engine.kv_cache.drop_idle).result(60)
    store.cost.per_prompt_token = 1e-9
    assert continued(engine, weights, [*SYSTEM, 500]) == 0
    engine.call(engine.kv_cache.drop_idle).result(60)
    store.cost.per_prompt_token = 1.0
    assert continued(engine, weights, [*SYSTEM, 501]) == 300


def test_a_saved_prefix_leaves_the_window_sooner(open_engine: Open) -> None:
    engine = open_engine()
    ask(engine, [*SYSTEM, 400], 2, ignore_end=True).finish()
    engine.call(lambda: None).result(60)
    for seed in range(6):
        ask(engine, words(250, seed=90 + seed), 2, ignore_end=True).finish()
    held = {tuple(slot.tokens[:300]) for slot in engine.kv_cache.all if slot.tokens}
    assert tuple(SYSTEM) not in held
    assert prefix_store.WORTH_LOADING < 300
