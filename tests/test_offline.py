"""The guard of tests/conftest.py itself, and the switches that keep libraries quiet."""

import os
import socket

import pytest

import agentflow


def test_connecting_to_another_machine_is_refused(recorded_attempts: list[str]) -> None:
    with socket.socket() as outside, pytest.raises(OSError, match="leave this machine"):
        outside.connect(("192.0.2.1", 80))
    assert recorded_attempts == ["socket.connect 192.0.2.1"]
    recorded_attempts.clear()


def test_asking_a_name_server_is_refused(recorded_attempts: list[str]) -> None:
    with pytest.raises(OSError, match="leave this machine"):
        socket.getaddrinfo("example.org", 443)
    recorded_attempts.clear()


def test_loopback_and_unix_sockets_work(tmp_path: os.PathLike[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


@pytest.mark.parametrize("name", ["ANONYMIZED_TELEMETRY", "LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"])
def test_telemetry_is_off_by_default(name: str) -> None:
    assert agentflow.__version__ and os.environ[name] == "false"


@pytest.mark.parametrize("name", ["HF_HUB_DISABLE_TELEMETRY", "VLLM_NO_USAGE_STATS", "DO_NOT_TRACK"])
def test_usage_statistics_are_off_by_default(name: str) -> None:
    assert os.environ[name] == "1"


def test_ray_reports_nothing_by_default() -> None:
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
