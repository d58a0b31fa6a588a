"""`agentflow tui --web`: the app in a browser of this machine, for whoever has the key."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

pytest.importorskip("textual_serve", reason="pip install 'agentflow[web]'")
pytest.importorskip("aiohttp")
import aiohttp


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """The printed address of a server in an empty folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "agentflow", "tui", "--web", "--port", str(port)]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    server = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    assert server.stdout
    said = await asyncio.to_thread(server.stdout.readline)
    assert said.startswith("open http://127.0.0.1:"), said
    while not (listening := listened(server.pid)):
        await asyncio.sleep(0.05)
    assert listening == ["127.0.0.1"]
    yield said.removeprefix("open ").strip()
    server.terminate()
    await asyncio.to_thread(server.wait)
    server.stdout.close()


def listened(pid: int) -> list[str]:
    """The addresses at which a process waits for connections."""
    found = psutil.Process(pid).net_connections()
    return [item.laddr.ip for item in found if item.status == psutil.CONN_LISTEN]


async def drawn(socket: aiohttp.ClientWebSocketResponse, ready: Callable[[str], bool]) -> str:
    text = ""
    async with asyncio.timeout(120):
        while not ready(text):
            message = await socket.receive()
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), message
            text += message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
    return text


async def test_a_browser_of_this_machine_is_served(address: str) -> None:
    base, _, _ = address.partition("?")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        for path in ("", "ws", "download/x"):
            assert (await browser.get(base + path)).status == 403
        page = await browser.get(address)
        assert page.status == 200 and "agentflow" in await page.text()
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'") and "https:" not in policy
        async with browser.ws_connect(f"{base}ws?width=100&height=30") as ws:
            await drawn(ws, lambda text: "agentflow" in text and "Welcome" in text)
            await ws.send_json(["stdin", "\x1b"])
            await ws.send_json(["stdin", "3"])
            await drawn(ws, lambda text: "Trained by this project" in text or "starter" in text)


async def test_a_page_of_another_site_is_not_let_in(address: str) -> None:
    base, _, _ = address.partition("?")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        assert (await browser.get(address)).status == 200
        for header in ({"Origin": "http://evil.invalid"}, {"Host": "evil.invalid"}):
            assert (await browser.get(f"{base}ws", headers=header)).status == 403
