"""Ray's cluster, and actors of it that are replaced when they are lost. Ray places processes and remembers nothing."""

import asyncio
import logging
import os
import socket
from typing import Any

from agentflow.errors import AgentflowError, Unavailable

TRIES = 5  # actors lost over one request, before it is given up


def connect() -> Any:
    """Ray itself, on the cluster that $RAY_ADDRESS names, or that runs on this machine. Raises AgentflowError without the extra,
    and where no cluster answers."""
    try:
        import ray
    except ImportError as error:
        raise AgentflowError("--on ray needs Ray", "pip install 'agentflow[ray]'") from error
    address = os.environ.get("RAY_ADDRESS", "")
    try:
        if address:  # Ray itself would try for minutes
            name, _, port = address.rpartition(":")
            socket.create_connection((name, int(port)), timeout=10).close()
        ray.init("auto", logging_level=logging.ERROR, log_to_driver=False, ignore_reinit_error=True)
    except (OSError, ValueError) as error:
        raise AgentflowError(
            f"no Ray cluster answers at {address or 'this machine'}",
            "ray start --head, on a closed network: see docs/cluster.md",
        ) from error
    return ray


def lost(ray: Any) -> tuple[type[Exception], ...]:
    """What Ray raises for an actor whose machine, or whose process there, is gone."""
    return (ray.exceptions.RayActorError, ray.exceptions.ObjectLostError)


class Hosts:
    """`count` actors of `kind`, made with `given`, each for one request at a time and on one processor."""

    def __init__(self, kind: type, count: int, *given: Any) -> None:
        self.ray = connect()
        self.count = count
        self.kind: Any = self.ray.remote(kind).options(num_cpus=1)
        self.given = given
        self.free: asyncio.Queue[Any] = asyncio.Queue()
        for _ in range(count):
            self.free.put_nowait(None)  # started by the first request
        self.started: list[Any] = []

    async def ask(self, method: str, *given: Any) -> Any:
        """What the method returns, or raises. Who is lost over it is replaced, and the other is asked the same; raises
        Unavailable after TRIES."""
        for _ in range(TRIES):
            actor = await self.free.get()
            try:
                actor = actor or self._start()
                return await getattr(actor, method).remote(*given)
            except lost(self.ray):
                self.started.remove(actor)
                actor = None
            except self.ray.exceptions.RayTaskError as error:
                raise error.cause from None
            finally:
                self.free.put_nowait(actor)
        raise Unavailable(
            f"{TRIES} processes on the Ray cluster were lost over the same piece of work",
            "what is done is kept: give the same command again, with --on here to see the piece's own error",
        )

    def close(self) -> None:
        for actor in self.started:
            self.ray.kill(actor)

    def _start(self) -> Any:
        self.started.append(self.kind.remote(*self.given))
        return self.started[-1]
