"""Samples follow the distribution they should, with and without filters and masks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.serving.engine.sampler import Sampler, SamplingParams, best, log_probabilities

LOGITS = np.log(np.array([0.4, 0.3, 0.15, 0.1, 0.05], np.float32))


def frequencies(params: SamplingParams, allowed: list[bool] | None = None, draws: int = 6000) -> np.ndarray:
    sampler = Sampler(params)
    counts = np.zeros(LOGITS.size)
    for _ in range(draws):
        token = sampler.sample(LOGITS)
        if allowed is not None and not allowed[token]:
            sampler.redraw()
            token = sampler.sample(LOGITS, np.array(allowed))
        counts[token] += 1
        sampler.accept(token)
    return counts / draws


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (SamplingParams(temperature=1, seed=1), [0.4, 0.3, 0.15, 0.1, 0.05]),
        (SamplingParams(temperature=1, top_k=2, seed=1), [4 / 7, 3 / 7, 0, 0, 0]),
        (SamplingParams(temperature=1, top_p=0.6, seed=1), [4 / 7, 3 / 7, 0, 0, 0]),
        (SamplingParams(temperature=1, min_p=0.3, seed=1), [0.4 / 0.85, 0.3 / 0.85, 0.15 / 0.85, 0, 0]),
        (SamplingParams(temperature=0), [1, 0, 0, 0, 0]),
        (SamplingParams(temperature=0, bias={3: 5.0}), [0, 0, 0, 1, 0]),
    ],
)
def test_filters_leave_the_renormalised_distribution(params: SamplingParams, expected: list[float]) -> None:
    assert frequencies(params) == pytest.approx(expected, abs=0.025)


def test_checking_first_and_masking_on_rejection_is_unbiased() -> None:
    allowed = [False, True, True, False, True]
    assert frequencies(SamplingParams(temperature=1, seed=2), allowed) == pytest.approx(
        [0, 0.6, 0.3, 0, 0.1], abs=0.025
    )


def test_penalties_push_away_what_was_written() -> None:
    sampler = Sampler(SamplingParams(temperature=0, frequency_penalty=2.0))
    sampler.accept(0)
    assert sampler.sample(LOGITS) == 1


@given(st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=50))
def test_log_probabilities_sum_to_one_and_keep_the_order(values: list[float]) -> None:
    row = np.array(values, np.float32)
    logs = log_probabilities(row)
    assert np.exp(logs.astype(np.float64)).sum() == pytest.approx(1, abs=1e-4)
    assert [value for _, value in best(logs, 3)] == sorted(logs.tolist(), reverse=True)[:3]
