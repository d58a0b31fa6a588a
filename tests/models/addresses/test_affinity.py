"""Sixteen runs over three real servers: each stays with one, whose cache serves it as one server for all would."""

import asyncio
from collections import Counter
from pathlib import Path

from agentflow.models.addresses.balanced_client import BalancedClient
from agentflow.models.client.completion import complete
from agentflow.models.client.types import Message, Request, Sampling
from agentflow.usage import Usage

from .asking import Asked
from .servers import Several

RUNS, ROUNDS = 16, 2
SYSTEM = Message("system", "You read documents and answer by what they say. " * 4)


async def conversation(client: BalancedClient, run: str) -> tuple[Usage, list[str]]:
    """A run whose prompts grow, as an agent's do."""
    messages, used, said = [SYSTEM], Usage(), []
    for turn in range(ROUNDS):
        number = int(run.split()[1]) + turn
        filler = f"{run}, {turn}: " + "Boats came and went. " * 12
        messages.append(
            Message("user", f"{filler}Harbour {number} was built in {number * 17}, after the storm. Quote it.")
        )
        request = Request(
            tuple(messages), run=run, max_tokens=12, sampling=Sampling(temperature=0.0, seed=0), deadline=120
        )
        answer = await complete(client, request)
        messages.append(Message("assistant", answer.text))
        used += answer.usage
        said.append(answer.text)
    return used, said


async def all_runs(client: BalancedClient, name: str) -> tuple[float, list[list[str]]]:
    """The share of prompt tokens that came from a cache, and all answers."""
    found = await asyncio.gather(*(conversation(client, f"{name} {number}") for number in range(RUNS)))
    total = Usage.total(used for used, _ in found)
    return total.cached / total.prompt, [said for _, said in found]


async def test_the_caches_of_three_servers_serve_as_well_as_the_cache_of_one(three: Several, tmp_path: Path) -> None:
    alone = Asked([three.urls[0], "http://127.0.0.1:9/v1"], tmp_path)
    async with alone as client:
        one_hits, one_said = await all_runs(client, "alone")
    together = Asked(three.urls, tmp_path)
    async with together as client:
        hits, _ = await all_runs(client, "together")
        assert hits >= 0.95 * one_hits
        loads = together.fleet.homes.loads
        assert set(loads) == set(three.urls)
        assert max(loads.values()) <= 7  # 1.25 times 16 / 3
        _, said = await all_runs(client, "alone")
    assert len({text for texts in said for text in texts}) > 4
    assert said == one_said


async def test_without_a_run_a_conversation_is_known_by_how_it_opens(three: Several, tmp_path: Path) -> None:
    asked = Asked(three.urls, tmp_path)
    async with asked as client:
        cached = 0
        for number in range(8):
            messages = (SYSTEM, Message("user", f"{number} " * 100), Message("assistant", "Yes."))
            first = await complete(client, Request(messages[:2], max_tokens=1))
            second = await complete(client, Request((*messages, Message("user", "Why?")), max_tokens=1))
            cached += second.usage.cached > first.usage.prompt / 2
        assert cached == 8
        assert len(Counter({name: count for name, count in asked.fleet.homes.loads.items() if count})) > 1
