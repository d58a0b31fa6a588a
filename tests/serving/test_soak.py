"""Mixed requests, many of them broken, cancelled or late: the server answers each properly and ends as it began."""

import psutil
import pytest

from benchmarks.serve.mixed import MixedRequests
from tests.serving.conftest import Server


async def test_mixed_requests_leave_the_server_clean(server: Server) -> None:
    soak = MixedRequests(server.url, server.key, "tiny", seed=1)
    await soak.run(60, width=8)
    await soak.assert_clean()
    await soak.client.aclose()
    assert {"answered", "left", "malformed", "scored", "constrained stop"} <= soak.outcomes.keys()


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_two_thousand_mixed_requests_leak_nothing(server: Server) -> None:
    process = psutil.Process(server.process.pid)
    soak = MixedRequests(server.url, server.key, "tiny", seed=2)
    await soak.run(1000, width=8)  # allocators and caches have settled by then
    await soak.assert_clean()
    before = process.memory_info().rss
    await soak.run(2000, width=8)
    await soak.assert_clean()
    await soak.client.aclose()
    after = process.memory_info().rss
    print(f"\n{soak.outcomes}; RSS {before / 1e6:.0f} MB -> {after / 1e6:.0f} MB")
    assert after < before * 1.1
