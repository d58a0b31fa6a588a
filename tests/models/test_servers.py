"""The supervisor: servers are shared, restarted, diagnosed, and never left behind."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Event, Note, Progress
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.admin import describe, pin, running, stop
from agentflow.models.servers.cli_flags import CommandLine, offered
from agentflow.models.servers.factory import open_server
from agentflow.models.servers.managed import Managed
from agentflow.models.servers.server_dir import Running

FAKE = Path(__file__).with_name("fake_llama_server.py")
USER = """
import asyncio, sys, time
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.factory import open_server
config = ModelConfig.model_validate_json(sys.argv[1])
server = open_server(config)
asyncio.run(server.start())
print(server.place.running().pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGENTFLOW_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "llama-server"
    path.write_text(f"#!{sys.executable}\n{FAKE.read_text('utf-8')}", "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def config(program: Path, tmp_path: Path) -> ModelConfig:
    weights = tmp_path / "m.gguf"
    weights.write_bytes(b"GGUF")
    return ModelConfig.model_validate(
        {"name": "m", "backend": "llama-server", "weights": str(weights), "command": str(program), "gpu": {"layers": 0}}
    )


@pytest.fixture(autouse=True)
def nothing_is_left(runtime: Path) -> Iterator[None]:
    yield
    for place, server in running():
        if server.name == "m":
            stop(place, server)


def opened(config: ModelConfig, sink: Any = None, **more: Any) -> Managed:
    server = open_server(config.model_copy(update=more), *([sink] if sink else []))
    assert isinstance(server, Managed)
    return server


def pid_of(server: Managed) -> int:
    found = server.place.running()
    assert found
    return found.pid


async def crash_of(server: Managed) -> None:
    """Returns once it is dead, whether or not its supervisor has seen it."""
    os.kill(pid_of(server), signal.SIGKILL)
    while server.place.running():
        await asyncio.sleep(0.01)


def gone(pid: int, within: float = 60.0) -> bool:
    """Whether a process ends; the limit is there for one that never does."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def user(config: ModelConfig) -> "subprocess.Popen[str]":
    """Another agentflow process that uses the server."""
    text = config.model_dump_json(by_alias=True)
    return subprocess.Popen([sys.executable, "-c", USER, text], stdout=subprocess.PIPE, text=True)


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


async def test_a_server_starts_with_progress_and_ends_with_its_last_user(config: ModelConfig) -> None:
    seen: list[Event] = []
    server = opened(config, seen.append)
    endpoint = await server.start()
    pid = pid_of(server)
    assert endpoint.url.startswith("http://127.0.0.1:")
    assert any(isinstance(event, Progress) and "starting m" in event.task for event in seen)
    assert describe(server.place, running()[0][1])["users"] == [os.getpid()]
    await server.stop(wait=True)
    assert gone(pid)


async def test_two_processes_share_one_server_and_the_last_one_ends_it(config: ModelConfig) -> None:
    server = opened(config)
    await server.start()
    other = user(config)
    assert int(first_line(other)) == pid_of(server)
    other.kill()
    other.wait()
    await asyncio.sleep(1.5)
    assert await server.ready()
    pid = pid_of(server)
    await server.stop(wait=True)
    assert gone(pid)


def test_kill_9_of_the_only_user_leaves_no_server_behind(config: ModelConfig) -> None:
    process = user(config)
    pid = int(first_line(process))
    supervisor = psutil.Process(pid).parent()
    process.kill()
    process.wait()
    assert gone(pid)
    assert supervisor is None or gone(supervisor.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
async def test_kill_9_of_the_keeper_takes_the_server_along(config: ModelConfig) -> None:
    seen: list[Event] = []
    server = opened(config, seen.append)
    await server.start()
    found = server.place.running()
    assert found
    os.kill(found.supervisor, signal.SIGKILL)
    assert gone(found.pid)
    await server.start()
    assert pid_of(server) != found.pid
    assert any("ended with the process that kept it" in event.text for event in seen if isinstance(event, Note))
    await server.stop(wait=True)


async def test_a_crashed_server_is_started_again_with_one_line_and_not_for_ever(config: ModelConfig) -> None:
    seen: list[Event] = []
    server = opened(config, seen.append)
    await server.start()
    for crashes in range(1, 4):
        await crash_of(server)
        await server.start()
        notes = [event.text for event in seen if isinstance(event, Note)]
        assert len(notes) == crashes
        assert "was killed (signal 9)" in notes[-1]
    await crash_of(server)
    with pytest.raises(Unavailable, match="it was restarted 3 times"):
        await server.start()


async def test_the_reason_of_a_crash_is_awaited_on_a_machine_too_busy_to_tell_it_at_once(config: ModelConfig) -> None:
    seen: list[Event] = []
    server = opened(config, seen.append)
    await server.start()
    psutil.Process(server.supervisor).suspend()
    await crash_of(server)
    restart = asyncio.create_task(server.start())
    await asyncio.sleep(0.2)
    assert not restart.done() and not any(isinstance(event, Note) for event in seen)
    psutil.Process(server.supervisor).resume()
    await restart
    assert ["was killed (signal 9)" in event.text for event in seen if isinstance(event, Note)] == [True]
    await server.stop(wait=True)


async def test_who_learns_of_a_crash_after_another_has_started_the_server_again_is_told_why(
    config: ModelConfig,
) -> None:
    seen: list[Event] = []
    first, second = opened(config), opened(config, seen.append)
    await first.start()
    await second.start()
    await crash_of(first)
    await first.start()
    await second.start()
    assert ["was killed (signal 9)" in event.text for event in seen if isinstance(event, Note)] == [True]
    await first.stop()
    await second.stop(wait=True)


async def test_keep_alive_lets_a_server_outlive_its_users_for_a_while(config: ModelConfig) -> None:
    server = opened(config, keep_alive=4.0)
    await server.start()
    pid = pid_of(server)
    await server.stop(wait=True)
    assert psutil.pid_exists(pid)
    assert gone(pid)


async def test_a_pinned_server_stays_until_it_is_stopped(config: ModelConfig) -> None:
    server = opened(config)
    await pin(server)
    await asyncio.sleep(1.2)
    [(place, found)] = [(place, found) for place, found in running() if found.name == "m"]
    assert describe(place, found)["pinned"]
    stop(place, found)
    assert gone(found.pid)


async def test_a_taken_port_is_named(config: ModelConfig) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AgentflowError, match=f"port {port} of 'm' is taken"):
            await opened(config, port=port).start()


async def test_gpu_settings_without_a_gpu_are_refused(config: ModelConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentflow.models.servers.embedded.gpus", lambda: ())
    gpu = config.gpu.model_copy(update={"layers": "all"})
    with pytest.raises(AgentflowError, match="'m' wants all layers on a GPU, but this machine has none"):
        await opened(config, gpu=gpu).start()


@pytest.mark.parametrize(
    ("death", "words"),
    [("memory", "ran out of memory"), ("magic", "cannot read its weights"), ("nothing", "ended with exit code 1")],
)
async def test_a_server_that_cannot_start_is_diagnosed(config: ModelConfig, death: str, words: str) -> None:
    with pytest.raises(Unavailable, match=words):
        await opened(config, env={"FAKE_DEATH": death}).start()


async def test_an_argument_the_program_does_not_know_is_named(config: ModelConfig) -> None:
    with pytest.raises(Unavailable, match="does not know an argument: --nonsense"):
        await opened(config, args=("--nonsense", "1")).start()


async def test_a_server_that_takes_too_long_is_given_up_and_ended(config: ModelConfig) -> None:
    slow = opened(config, env={"FAKE_DELAY": "30"}, timeout=config.timeout.model_copy(update={"start": 1.0}))
    with pytest.raises(Unavailable, match="was not ready after"):
        await slow.start()
    pids = (slow.place.folder / "pids").read_text()
    assert gone(int(pids.split(":")[-1].strip(" }")))


async def test_a_program_that_is_not_installed_is_named(config: ModelConfig) -> None:
    with pytest.raises(Unavailable, match="no program '/nowhere/llama-server' on this machine"):
        await opened(config, command="/nowhere/llama-server").start()


def test_missing_weights_are_named_with_the_command_that_fetches_them(config: ModelConfig) -> None:
    absent = config.model_copy(update={"weights": "hf:some/repo/absent.gguf"})
    with pytest.raises(Unavailable, match="the weights of 'm' are not on this machine") as caught:
        open_server(absent)
    assert "agentflow models pull m" in caught.value.hint


def test_only_flags_that_the_program_offers_are_used(program: Path) -> None:
    flags = offered(str(program), "--help")
    assert "--ctx-size" in flags
    assert "--draft-max" not in flags
    line = CommandLine("llama-server", flags)
    assert line.add("--ctx-size", 5)
    assert not line.add("--metrics")
    assert line.argv == ["--ctx-size", "5"]
    with pytest.raises(AgentflowError, match="has no --spec-type, so it cannot speculate"):
        line.add("--spec-type", "x", needed_for="speculate")


def test_a_key_is_never_in_the_command_line_and_its_file_is_private(config: ModelConfig) -> None:
    server = opened(config)
    asyncio.run(server.start())
    found = server.place.running()
    assert found
    assert found.key not in " ".join(psutil.Process(found.pid).cmdline())
    assert (server.place.folder / "server.json").stat().st_mode & 0o077 == 0
    asyncio.run(server.stop(wait=True))


async def test_two_users_in_one_process_share_a_server_until_both_have_left(config: ModelConfig) -> None:
    first, second = opened(config), opened(config)
    await first.start()
    await second.start()
    pid = pid_of(first)
    await first.stop()
    await asyncio.sleep(1.2)
    assert await second.ready()
    await second.stop(wait=True)
    assert gone(pid)


async def test_a_pid_that_now_is_anothers_is_no_server_and_is_left_alone(config: ModelConfig) -> None:
    """After a restart of the machine the runtime folder may be there still, and its pids belong to others."""
    server = opened(config)
    other = subprocess.Popen(["sleep", "60"])
    try:
        server.place.prepare()
        before = time.time() - 3600
        server.place.announce(
            Running("m", "llama-server", other.pid, other.pid, "http://127.0.0.1:9/v1", "k", started=before)
        )
        assert server.place.running() is None and not await server.ready()
        await server.stop()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
