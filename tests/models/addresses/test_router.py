"""A vllm-router ($AGENTFLOW_VLLM_ROUTER, the program) between agentflow and three servers: every run stays with one of them."""

import asyncio
import os
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from agentflow.models.client.completion import complete
from agentflow.models.client.types import Message, Request

from .asking import Asked, answers
from .fault_proxy import Fault, FaultProxy
from .servers import KEY, Several

pytestmark = pytest.mark.slow
RUNS = 9


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def router(urls: list[str], policy: str, log: Path) -> AsyncIterator[str]:
    if not (program := os.environ.get("AGENTFLOW_VLLM_ROUTER")):
        pytest.skip("$AGENTFLOW_VLLM_ROUTER names no program")
    port, workers = free_port(), [url.removesuffix("/v1") for url in urls]
    argv = [
        program,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--prometheus-port",
        str(free_port()),
        "--api-key",
        KEY,
    ]
    with log.open("wb") as out:
        process = subprocess.Popen([*argv, "--policy", policy, "--worker-urls", *workers], stdout=out, stderr=out)
    try:
        async with httpx2.AsyncClient(trust_env=False) as http, asyncio.timeout(60):
            while True:
                try:
                    answer = await http.get(
                        f"http://127.0.0.1:{port}/v1/models", headers={"Authorization": f"Bearer {KEY}"}
                    )
                    if answer.status_code == 200:
                        break
                except httpx2.HTTPError:
                    assert process.poll() is None, log.read_text("utf-8")[-2000:]
                await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


async def test_each_run_stays_with_one_server_behind_a_router(three: Several, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(FaultProxy(url, url).listening()) for url in three.urls]
        by_session = [proxy.url for proxy in proxies]
        url = await stack.enter_async_context(router(by_session, "consistent_hash", tmp_path / "log"))
        client = await stack.enter_async_context(Asked([url], tmp_path))
        for turn in range(4):
            requests = [
                Request((Message("user", f"{turn} of {n}?"),), run=f"run {n}", max_tokens=4) for n in range(RUNS)
            ]
            await asyncio.gather(*(complete(client, request) for request in requests))
        assert sum(proxy.asked for proxy in proxies) == 4 * RUNS
        assert sum(len(proxy.sessions) for proxy in proxies) == RUNS
        assert sum(bool(proxy.sessions) for proxy in proxies) > 1


async def test_a_server_that_dies_behind_a_router_is_not_seen(
    three: Several, expected: list[str], tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(FaultProxy(url, url).listening()) for url in three.urls]
        url = await stack.enter_async_context(
            router([proxy.url for proxy in proxies], "consistent_hash", tmp_path / "log")
        )
        client = await stack.enter_async_context(Asked([url], tmp_path))
        proxies[0].plan = lambda: Fault("refuse")
        assert await answers(client) == expected
        assert proxies[0].asked > 0
