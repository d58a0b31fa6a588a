"""What breaks in one request's work ends that request alone, is logged once, and never stops the worker."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from agentflow.errors import AgentflowError, ContextOverflow
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.engine.error_log import ErrorLog
from agentflow.serving.engine.request import Failed, Finished, GenerationRequest
from agentflow.serving.engine.sampler import Sampler, SamplingParams
from agentflow.serving.engine.sequence import Sequence
from tests.serving.conftest import Answer, ask, is_clean
from tests.serving.test_engine import words

Make = Callable[..., InferenceEngine]


@pytest.mark.parametrize("seed", [-1, -7, 2**64, -(10**30), 10**4000])
def test_any_integer_is_a_seed(make_engine: Make, seed: int) -> None:
    engine = make_engine()
    sampling = SamplingParams(temperature=1.0, seed=seed)
    assert ask(engine, words(10, 1), 4, sampling=sampling, ignore_end=True).finish().statistics.completion == 4


def test_a_seed_repeats_and_minus_one_does_not() -> None:
    def draws(seed: int) -> list[float]:
        return list(Sampler(SamplingParams(temperature=1.0, seed=seed)).random.random(4))

    assert draws(-7) == draws(-7)
    assert draws(-1) != draws(-1)


@pytest.mark.parametrize(
    ("options", "words_of_it"),
    [
        ({"prompt": []}, "empty"),
        ({"prompt": [5, -1]}, "vocabulary"),
        ({"prompt": [10**30]}, "vocabulary"),
        ({"prompt": ["x"]}, "vocabulary"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 10**30}, "max_tokens"),
        ({"stop": ("",)}, "stop"),
        ({"stop": ("x",) * 1000}, "stop"),
        ({"priority": "urgent"}, "priority"),
        ({"lookup": ([10**9],)}, "lookup"),
        ({"sampling": SamplingParams(temperature=float("nan"))}, "temperature"),
        ({"sampling": SamplingParams(bias={3: float("inf")})}, "logit_bias"),
        ({"sampling": SamplingParams(bias={-3: 1.0})}, "logit_bias"),
    ],
)
def test_a_job_that_cannot_be_carried_out_never_reaches_the_worker(
    make_engine: Make, options: dict[str, Any], words_of_it: str
) -> None:
    engine = make_engine(start=False)
    with pytest.raises(AgentflowError, match=words_of_it):
        engine.submit(GenerationRequest(**{"prompt": words(5, 1), "sink": Answer(), "max_tokens": 4, **options}))
    assert not engine.queued


def test_a_prompt_as_long_as_the_window_is_an_overflow(make_engine: Make) -> None:
    with pytest.raises(ContextOverflow):
        ask(make_engine(start=False), words(1024, 1), 1)


class Broken:
    """Fails for one job only, wherever it is called with it."""

    def __init__(self, works: Callable[..., Any], marks: Callable[..., bool]) -> None:
        self.works = works
        self.marks = marks

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if self.marks(*arguments, **options):
            raise ZeroDivisionError("broken for this one")
        return self.works(*arguments, **options)


def broken_admission(engine: InferenceEngine, job: GenerationRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        engine.speculator, "begin", Broken(engine.speculator.begin, lambda sequence: sequence.job is job)
    )


def broken_draft(engine: InferenceEngine, job: GenerationRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def marks(writing: list[Sequence], **_: Any) -> bool:
        return any(sequence.job is job for sequence in writing)

    monkeypatch.setattr(engine.speculator, "propose", Broken(engine.speculator.propose, marks))


def broken_batch(engine: InferenceEngine, job: GenerationRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def marks(tokens: list[int], *_: Any) -> bool:
        return job.prompt[-1] in tokens

    monkeypatch.setattr(engine.context, "decode", Broken(engine.context.decode, marks))


def broken_sampling(engine: InferenceEngine, job: GenerationRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def choose(sequence: Sequence, logits: Any) -> int:
        if sequence.job is job and sequence.written == 3:
            raise ZeroDivisionError("broken for this one")
        return works(sequence, logits)

    works = Sequence.choose
    monkeypatch.setattr(Sequence, "choose", choose)


@pytest.mark.parametrize("break_it", [broken_admission, broken_draft, broken_batch, broken_sampling])
def test_one_broken_answer_ends_alone(
    make_engine: Make, monkeypatch: pytest.MonkeyPatch, break_it: Callable[..., None]
) -> None:
    engine = make_engine(max_draft=8, start=False)
    shared = words(60, 9)
    good = [ask(engine, [*shared, *words(5, seed)], 12, ignore_end=True) for seed in range(3)]
    bad = ask(engine, [*shared, *words(5, 3), 2001], 12, ignore_end=True)
    break_it(engine, bad.job, monkeypatch)
    engine.start()
    ended = bad.wait()
    assert isinstance(ended, Failed) and ended.kind == "server_error" and "broken for this one" in ended.message
    for answer in good:
        assert answer.finish().statistics.completion == 12
    monkeypatch.undo()
    assert ask(engine, bad.job.prompt, 4, ignore_end=True).finish().statistics.completion == 4
    assert is_clean(engine)


def test_a_step_that_breaks_for_all_fails_all_and_the_next_works(
    make_engine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(start=False, parallel=1)
    answers = [ask(engine, words(20, seed), 4) for seed in range(3)]
    monkeypatch.setattr(engine.kv_cache, "charge_idle", Broken(engine.kv_cache.charge_idle, lambda tokens: True))
    engine.start()
    assert [type(answer.wait()) for answer in answers] == [Failed] * 3
    monkeypatch.undo()
    assert isinstance(ask(engine, words(20, 1), 4).wait(), Finished)


def test_a_cancelled_call_leaves_the_engine_as_it_was(make_engine: Make) -> None:
    engine = make_engine(start=False)
    answer = ask(engine, words(20, 1), 4, ignore_end=True)
    engine.call(lambda: None).cancel()
    engine.start()
    answer.finish()
    assert not engine.faults.counts


def test_an_idle_prefix_as_long_as_the_cache_gives_way_to_its_continuation(make_engine: Make) -> None:
    engine = make_engine(cells=256, parallel=1)
    prompt = words(20, 1)
    ask(engine, prompt, 200, ignore_end=True).finish()
    assert ask(engine, prompt, 200, ignore_end=True).finish().statistics.completion == 200


def test_an_error_that_repeats_is_logged_once_with_a_count(caplog: pytest.LogCaptureFixture) -> None:
    faults = ErrorLog()
    for number in range(250):
        try:
            raise RuntimeError(f"the {number}th")
        except RuntimeError as error:
            faults.note("a step", error)
    assert sum(faults.counts.values()) == 250
    assert [record.exc_info is not None for record in caplog.records] == [True, False, False]
    assert "100 times" in caplog.records[-1].message


def test_a_stuck_worker_is_told(make_engine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine()
    assert not engine.trouble()
    stuck, go = threading.Event(), threading.Event()

    def decode(*arguments: Any) -> Any:
        stuck.set()
        go.wait(120)
        return works(*arguments)

    works = engine.context.decode
    monkeypatch.setattr(engine.context, "decode", decode)
    monkeypatch.setattr("agentflow.serving.engine.heartbeat.PATIENCE", 0.0)
    monkeypatch.setattr("agentflow.serving.engine.heartbeat.FULL_STEPS", 0)
    answer = ask(engine, words(5, 1), 2)
    assert stuck.wait(60)
    assert "1 requests wait" in engine.trouble()
    go.set()
    answer.wait()
