"""Whole runs over three servers that fail by a plan: the same reports, and every call journaled once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.runs.calls import calls

from .asking import proxied
from .fault_proxy import CUTS, FAILURES, FaultProxy, seeded
from .servers import KEY, Several

QUESTIONS = [f"Harbour {number} was built in {number * 17}, after the storm. When?" for number in range(12)]


async def journals(folder: Path, proxies: list[FaultProxy]) -> list[list[tuple[Any, ...]]]:
    """What the journals of a dozen runs at once hold: each call, its state and what was answered."""
    folder.mkdir()
    entry = {"backend": "endpoint", "model": "starter", "api_key_env": "TEST_KEY"}
    urls = ", ".join(proxy.url for proxy in proxies)
    keys = ", ".join(f"{key}: {value}" for key, value in entry.items())
    (folder / "models.yaml").write_text(f"roles: {{default: m}}\nmodels: {{m: {{{keys}, url: [{urls}]}}}}\n", "utf-8")
    async with Engine(Project(folder)) as engine:
        jobs = [engine.run("direct", {"question": text}) for text in QUESTIONS]
        done = await asyncio.gather(*jobs)
        return [
            [
                (call.step, call.nth, call.state, [answer["text"] for answer in (call.result or {})["answers"]])
                for call in calls(engine.store, outcome.run, kind="model")
            ]
            for outcome in done
        ]


async def test_runs_over_failing_servers_are_journaled_as_if_nothing_had_failed(
    three: Several, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)
    async with proxied(three) as proxies:
        expected = await journals(tmp_path / "well", proxies)
        assert [len(calls) for calls in expected] == [1] * len(QUESTIONS)
        assert len({str(calls) for calls in expected}) > 4
        calm = sum(proxy.asked for proxy in proxies)
        for number, proxy in enumerate(proxies):
            proxy.plan = seeded(5 + number, 1 / 3, FAILURES)
        first, later = iter(CUTS), proxies[0].plan
        proxies[0].plan = lambda: next(first, None) or later()  # the first three answers break off in the middle
        assert await journals(tmp_path / "failing", proxies) == expected
        assert sum(proxy.asked for proxy in proxies) > 2 * calm
