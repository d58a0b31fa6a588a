"""Several embedded servers of one model: started together, killed, started again, ended together."""

import os
import signal
from pathlib import Path

import pytest

from agentflow import bundled
from agentflow.events import Event, Note
from agentflow.models.addresses.balanced_client import BalancedClient
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.client.types import Message, Request
from agentflow.models.pool import Models
from agentflow.models.servers.admin import running

from .servers import STARTER

pytestmark = pytest.mark.skipif(not STARTER.exists(), reason="the starter's weights are not built")


async def test_replicas_share_the_runs_and_a_killed_one_comes_back(tmp_path: Path) -> None:
    own = tmp_path / "models.yaml"
    own.write_text(
        "models: {pair: {backend: llama, weights: bundled:starter/weights/starter.gguf, replicas: 2}}", "utf-8"
    )
    told: list[Event] = []
    catalog = load_catalog([bundled.ROOT / "models.yaml", own])
    async with Models(catalog, tmp_path, overrides={"default": "pair"}, sink=told.append) as models:
        requests = [Request((Message("user", f"{run}?"),), run=f"run {run}", max_tokens=4) for run in range(8)]
        assert len(await models.ask_all("reader", requests)) == 8
        mine = {server.address: server for _, server in running() if server.name == "pair"}
        assert set(mine) == {"pair#1", "pair#2"}
        client = await models.client("reader")
        assert isinstance(client, BalancedClient)
        assert max(client.fleet.homes.loads.values()) <= 5  # 1.25 times half of them
        os.kill(mine["pair#1"].pid, signal.SIGKILL)
        assert len(await models.ask_all("reader", requests)) == 8
        await client.fleet.wake()
        await client.fleet.addresses[0].revive()
        again = {server.address: server.pid for _, server in running() if server.name == "pair"}
        assert again["pair#1"] != mine["pair#1"].pid
        assert again["pair#2"] == mine["pair#2"].pid
        assert any("'pair': pair#1 is left out" in event.text for event in told if isinstance(event, Note))
        await models.unload()
        assert not [server for _, server in running() if server.name == "pair"]
