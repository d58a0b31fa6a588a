"""Real embedded servers on loopback ports, with exact arithmetic, so that every one of them gives the same answers."""

import json
import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from agentflow import bundled

STARTER = bundled.ROOT / "starter" / "weights" / "starter.gguf"
KEY = "of-the-tests"
EXACT = {"kv_type": "f32", "flash_attention": False, "context": 2048, "parallel": 8}


class RealServer:
    """`python -m agentflow.serving` with the starter."""

    def __init__(self, port: int = 0) -> None:
        orders = {
            "port": port,
            "api_key": KEY,
            "parent_pid": os.getpid(),
            "threads": 1,
            "models": [{"name": "starter", "path": str(STARTER), **EXACT}],
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agentflow.serving", "--config", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin
        self.process.stdin.write(json.dumps(orders).encode())
        self.process.stdin.close()

    def ready(self) -> str:
        """The base URL, once it answers."""
        assert self.process.stdout
        line = json.loads(self.process.stdout.readline())
        return f"{line['url'].rstrip('/').removesuffix('/v1')}/v1"

    def end(self) -> None:
        assert self.process.stdout
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Several:
    """Servers that start together."""

    def __init__(self, count: int) -> None:
        self.servers = [RealServer() for _ in range(count)]
        self.urls = [server.ready() for server in self.servers]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.servers:
            server.end()
