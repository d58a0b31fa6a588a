"""Faults on purpose: a seeded plan delays, refuses and cuts calls at all three servers, and no run sees any of it.

`AGENTFLOW_CHAOS_SEED=7 pytest tests/models/addresses/test_chaos.py` plays one plan again."""

import asyncio
import os
from pathlib import Path

import pytest

from agentflow.models.client.completion import complete

from .asking import RUNS, answers, behind_proxies, question
from .fault_proxy import CUTS, FAILURES, REFUSALS, seeded
from .servers import Several

SEEDS = [int(seed) for seed in os.environ.get("AGENTFLOW_CHAOS_SEED", "1 2 3").split()]


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_third_of_all_calls_fail_and_every_answer_is_right(seed: int, three: Several, tmp_path: Path) -> None:
    async with behind_proxies(three, tmp_path) as (asked, proxies):
        expected = await answers(asked.client)
        calls = sum(proxy.asked for proxy in proxies)
        for number, proxy in enumerate(proxies):
            kinds = ((*FAILURES, *CUTS), FAILURES, REFUSALS)[number]  # not all three fail at the same call
            proxy.plan = seeded(3 * seed + number, 1 / 3, kinds)
        for number in range(2 * RUNS):
            assert (await complete(asked.client, question(number % RUNS))).text == expected[number % RUNS]
        assert sum(proxy.asked for proxy in proxies) > calls + 2 * RUNS  # some were asked again
        for number, proxy in enumerate(proxies):
            proxy.plan = seeded(3 * seed + number, 1 / 3, REFUSALS)
        assert list(await asyncio.gather(answers(asked.client), answers(asked.client))) == [expected, expected]


def test_a_seed_plans_the_same_faults_again() -> None:
    first, second = seeded(11, 0.5, FAILURES), seeded(11, 0.5, FAILURES)
    assert [first() for _ in range(100)] == [second() for _ in range(100)]
