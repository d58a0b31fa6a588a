"""The engine writes what the model alone would write, whatever runs beside it, and leaves the cache clean."""

import random
import time
from collections.abc import Callable

import numpy as np
import pytest

from agentflow.errors import Overloaded
from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.engine.request import Failed
from agentflow.serving.engine.sampler import SamplingParams
from agentflow.serving.kvcache import kv_cache
from tests.serving.conftest import ask, is_clean

Make = Callable[..., InferenceEngine]


def words(count: int, seed: int) -> list[int]:
    return random.Random(seed).choices(range(300, 2000), k=count)


def greedy(weights: LlamaModel, prompt: list[int], count: int) -> list[int]:
    """The reference: one sequence, one token a call, nothing shared."""
    context = LlamaContext(weights, cells=1024, sequences=1, batch=1024, kv_type="f32", flash_attention=False)
    text = list(prompt)
    logits = context.decode(prompt, list(range(len(prompt))), [0] * len(prompt), [False] * (len(prompt) - 1) + [True])
    while len(text) < len(prompt) + count:
        text.append(int(logits[0].argmax()))
        logits = context.decode([text[-1]], [len(text) - 1], [0], [True])
    context.close()
    return text[len(prompt) :]


def written(engine: InferenceEngine, prompt: list[int], count: int, **options: object) -> list[int]:
    answer = ask(engine, prompt, count, logprobs=0, ignore_end=True, **options)
    answer.finish()
    return [score.token for piece in answer.pieces for score in piece.logprobs]


def test_an_answer_is_the_models_own_greedy_text(make_engine: Make, weights: LlamaModel) -> None:
    prompt = words(40, seed=1)
    assert written(make_engine(), prompt, 24) == greedy(weights, prompt, 24)


def test_answers_in_one_batch_do_not_disturb_each_other(make_engine: Make, weights: LlamaModel) -> None:
    engine = make_engine()
    prompts = [words(20 + 7 * seed, seed) for seed in range(1, 9)]
    answers = [ask(engine, prompt, 16, logprobs=0, ignore_end=True) for prompt in prompts]
    for prompt, answer in zip(prompts, answers, strict=True):
        answer.finish()
        assert [s.token for p in answer.pieces for s in p.logprobs] == greedy(weights, prompt, 16)
    assert is_clean(engine)


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_drafting_does_not_change_the_answer(make_engine: Make, temperature: float) -> None:
    prompt = words(12, seed=3) * 4
    sampling = SamplingParams(temperature=temperature, seed=7)
    plain = written(make_engine(), prompt, 48, sampling=sampling)
    drafting = make_engine(max_draft=16)
    drafting.cost.seconds = {1: 1.0, 64: 1.0}  # drafts cost nothing: as many as possible
    forced = ask(drafting, prompt, 48, forced=plain, ignore_end=True)
    assert forced.finish().statistics.completion == 48
    assert written(drafting, prompt, 48, sampling=sampling, lookup=(plain,)) == plain
    assert drafting.totals.usage.accepted > 20


def test_siblings_compute_their_shared_prompt_once(make_engine: Make, weights: LlamaModel) -> None:
    engine = make_engine(start=False)
    shared = words(400, seed=2)
    prompts = [[*shared, *words(10, seed=50 + i)] for i in range(6)]
    answers = [ask(engine, prompt, 4, logprobs=0, ignore_end=True) for prompt in prompts]
    engine.start()
    cached = [answer.finish().statistics.cached for answer in answers]
    assert sorted(cached) == [0, *[400] * 5]
    assert engine.totals.prefilled_tokens == 400 + 6 * 10
    for prompt, answer in zip(prompts, answers, strict=True):
        assert [s.token for p in answer.pieces for s in p.logprobs] == greedy(weights, prompt, 4)
    assert is_clean(engine)


@pytest.mark.parametrize("length", [200, 600])
def test_the_same_prompt_several_times_at_once_is_computed_once(
    make_engine: Make, weights: LlamaModel, length: int
) -> None:
    engine = make_engine(start=False)
    prompt = words(length, seed=3)
    answers = [ask(engine, prompt, 4, logprobs=0, ignore_end=True) for _ in range(3)]
    engine.start()
    for answer in answers:
        answer.finish()
        assert [s.token for p in answer.pieces for s in p.logprobs] == greedy(weights, prompt, 4)
    assert engine.totals.prefilled_tokens == length + 2
    assert is_clean(engine)


def test_siblings_go_on_when_the_one_they_waited_for_is_cancelled(make_engine: Make, weights: LlamaModel) -> None:
    engine = make_engine(start=False)
    shared = words(600, seed=4)
    prompts = [[*shared, 300 + i] for i in range(3)]
    answers = [ask(engine, prompt, 4, logprobs=0, ignore_end=True) for prompt in prompts]
    engine.step()
    assert [s.waits_for is None for s in engine.running] == [True, False, False]
    engine.cancel(answers[0].job)
    engine.start()
    assert isinstance(answers[0].wait(), Failed)
    for prompt, answer in zip(prompts[1:], answers[1:], strict=True):
        answer.finish()
        assert [s.token for p in answer.pieces for s in p.logprobs] == greedy(weights, prompt, 4)
    assert engine.totals.prefilled_tokens <= 600 + 3 + 256
    assert is_clean(engine)


def test_a_thread_that_continues_pays_only_for_what_is_new(make_engine: Make) -> None:
    engine = make_engine()
    threads = [words(100, seed=seed) for seed in (11, 12, 13)]
    for turn in range(4):
        for i, thread in enumerate(threads):
            answer = ask(engine, thread, 8, logprobs=0, ignore_end=True)
            statistics = answer.finish().statistics
            text = [s.token for p in answer.pieces for s in p.logprobs]
            assert turn == 0 or statistics.cached >= len(thread) - 6
            threads[i] = [*thread, *text, *words(5, seed=100 + turn)]
    assert is_clean(engine)


def test_cancelling_at_any_step_leaves_the_cache_clean(make_engine: Make) -> None:
    for steps in range(8):
        engine = make_engine(start=False, max_draft=8)
        answers = [ask(engine, [*words(300, seed=9), 400 + i], 30, ignore_end=True) for i in range(4)]
        for _ in range(steps):
            engine.step()
        for answer in answers:
            engine.cancel(answer.job)
        engine.start()
        assert all(answer.wait() == Failed("cancelled", "the client went away") for answer in answers)
        assert is_clean(engine)


def test_deadlines_end_running_and_waiting_answers(make_engine: Make) -> None:
    engine = make_engine(parallel=1)
    soon = time.monotonic() + 0.05
    answers = [ask(engine, words(30, seed=i), 900, ignore_end=True, deadline=soon) for i in (1, 2)]
    ends = [answer.wait() for answer in answers]
    assert [end.kind for end in ends if isinstance(end, Failed)] == ["timeout", "timeout"]
    assert is_clean(engine)


def test_a_full_queue_refuses(make_engine: Make) -> None:
    engine = make_engine(start=False, queue=3)
    for _ in range(3):
        ask(engine, [300], 1)
    with pytest.raises(Overloaded, match="3 requests are waiting"):
        ask(engine, [300], 1)


def test_interactive_answers_come_before_batch_work(make_engine: Make) -> None:
    engine = make_engine(start=False, parallel=1)
    order: list[str] = []
    answers = [
        ask(engine, words(5, seed=i), 4, priority=priority, ignore_end=True)
        for i, priority in enumerate(["batch", "batch", "graph", "interactive"], 1)
    ]
    engine.start()
    waits = [answer.finish().statistics.queue_s for answer in answers]
    order = [answer.job.priority for _, answer in sorted(zip(waits, answers, strict=True), key=lambda pair: pair[0])]
    assert order == ["interactive", "graph", "batch", "batch"]


def test_waiting_long_enough_beats_priority(make_engine: Make) -> None:
    engine = make_engine(start=False)
    old, new = ask(engine, [300], 1, priority="batch"), ask(engine, [301], 1, priority="interactive")
    old.job.arrived -= 60
    engine.waiting.jobs = [new.job, old.job]
    assert engine.waiting.ordered()[0] is old.job


def test_scores_share_a_prefix_in_one_batch_and_are_right(make_engine: Make, weights: LlamaModel) -> None:
    engine = make_engine(start=False, sequences=40)
    question = words(60, seed=5)
    prompts = [[*question, *words(8, seed=200 + i)] for i in range(24)]
    answers = [ask(engine, prompt, 1, logprobs=5) for prompt in prompts]
    engine.start()
    for prompt, answer in zip(prompts, answers, strict=True):
        answer.finish()
        context = LlamaContext(weights, cells=256, sequences=1, batch=256, kv_type="f32", flash_attention=False)
        size = len(prompt)
        row = context.decode(prompt, list(range(size)), [0] * size, [False] * (size - 1) + [True])[0].astype(np.float64)
        context.close()
        expected = row - np.log(np.exp(row - row.max()).sum()) - row.max()
        (score,) = answer.pieces[0].logprobs
        assert score.token == int(row.argmax())
        for token, logprob in score.top:
            assert logprob == pytest.approx(expected[token], abs=1e-3)
        assert [token for token, _ in score.top] == np.argsort(-row)[:5].tolist()
    assert engine.totals.steps <= 4
    assert engine.totals.prefilled_tokens == 60 + 24 * 8
    assert is_clean(engine)


def test_more_prompts_than_the_cache_holds_take_turns(make_engine: Make, weights: LlamaModel) -> None:
    engine = make_engine(cells=512, sequences=6, parallel=4)
    prompts = [words(150, seed=300 + i) for i in range(9)]
    answers = [ask(engine, prompt, 8, logprobs=0, ignore_end=True) for prompt in prompts]
    for prompt, answer in zip(prompts, answers, strict=True):
        answer.finish()
        assert [s.token for p in answer.pieces for s in p.logprobs] == greedy(weights, prompt, 8)
    assert engine.kv_cache.evicted > 0
    assert is_clean(engine)


def test_a_request_that_must_wait_evicts_nothing(make_engine: Make) -> None:
    engine = make_engine(cells=1024, sequences=6, start=False)
    resting = ask(engine, words(200, seed=31), 1, ignore_end=True)
    while engine.step():
        pass
    long = ask(engine, words(100, seed=32), 600, ignore_end=True)
    engine.step()
    large = ask(engine, words(500, seed=33), 200, ignore_end=True)
    engine.step()
    assert engine.kv_cache.evicted == 0
    assert engine.waiting.jobs == [large.job]
    engine.start()
    assert resting.finish() and long.finish() and large.finish()


def test_an_idle_prefix_goes_when_it_has_cost_others_its_price(
    make_engine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kv_cache, "IDLE_COST_TOKENS", 300)
    engine = make_engine(start=False)

    def answer(seed: int, **options: object) -> None:
        ask(engine, words(100, seed), 1, ignore_end=True, **options)
        while engine.step():
            pass

    answer(41, next_use=50)
    for seed in range(42, 47):
        answer(seed)
    kept = {tuple(slot.tokens[:100]) for slot in engine.kv_cache.all if slot.tokens}
    assert kept == {tuple(words(100, seed)) for seed in (41, 43, 44, 45, 46)}
    engine.start()


def test_a_prefix_that_will_be_used_soon_outlives_a_more_recent_one(make_engine: Make) -> None:
    engine = make_engine(cells=1024, sequences=4)
    needed, other = words(300, seed=21), words(300, seed=22)
    ask(engine, needed, 2, next_use=1, ignore_end=True).finish()
    ask(engine, other, 2, ignore_end=True).finish()
    ask(engine, words(400, seed=23), 2, ignore_end=True).finish()
    assert ask(engine, needed, 2, ignore_end=True).finish().statistics.cached == 299


def test_stop_strings_end_the_answer_and_are_not_part_of_it(make_engine: Make) -> None:
    prompt = words(30, seed=6)
    engine = make_engine()
    whole = ask(engine, prompt, 30, ignore_end=True)
    whole.finish()
    stop = whole.text[10:14]
    stopped = ask(engine, prompt, 30, ignore_end=True, stop=(stop,))
    assert stopped.finish().reason == "stop"
    assert stopped.text == whole.text[: whole.text.index(stop)]
