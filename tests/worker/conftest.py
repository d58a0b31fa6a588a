"""A Ray cluster for the tests that place processes on one."""

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.network import REASON, Network, can_be_made
from tests.worker.ray_cluster import Cluster


@pytest.fixture(params=[2])
def cluster(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """`params`: how many machines."""
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    if not can_be_made():
        pytest.skip(REASON)
    temporary = tempfile.TemporaryDirectory(prefix="af-ray-", dir="/tmp", ignore_cleanup_errors=True)
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
    with temporary as folder, Network() as network:
        made = Cluster(Path(folder), network, request.param)
        monkeypatch.setenv("RAY_ADDRESS", made.address)
        yield made
        made.stop()
