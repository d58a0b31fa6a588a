"""Slots that Ray places: on the machines of its cluster, one processor each.

Ray starts processes and nothing else. What became of a run is in the store, so that whatever of Ray is lost costs no more than
a slot that is killed.
"""

import subprocess
from collections.abc import Iterator
from typing import Any

from agentflow.cluster import connect, lost
from agentflow.worker.config import WorkerConfig
from agentflow.worker.slot_process import StartSlot, command

LOST = -9  # the exit code of a slot whose machine is gone


class SlotHost:
    """The actor: one slot as a process of its own, which ends with the actor."""

    def __init__(self, config: str) -> None:
        orders = WorkerConfig.model_validate_json(config)
        self.process = subprocess.Popen(
            command(orders), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True
        )

    def pid(self) -> int:
        return self.process.pid

    def lines(self) -> Iterator[bytes]:
        assert self.process.stdout
        for line in self.process.stdout:  # noqa: UP028 - Ray takes no `yield from` a file
            yield line

    def wait(self) -> int:
        return self.process.wait()

    def end(self) -> None:
        self.process.terminate()


class RaySlot:
    def __init__(self, ray: Any, actor: Any, pid: int) -> None:
        self.ray = ray
        self.actor = actor
        self.pid = pid
        self.lost = lost(ray)
        self.ended: tuple[type[Exception], ...] = (StopAsyncIteration, *self.lost)
        self.lines = actor.lines.options(num_returns="streaming").remote()

    async def read(self) -> bytes:
        try:
            return bytes(await (await anext(self.lines)))
        except self.ended:
            return b""

    async def wait(self) -> int:
        try:
            return int(await self.actor.wait.remote())
        except self.lost:
            return LOST
        finally:
            self.kill()

    def end(self) -> None:
        self.actor.end.remote()

    def kill(self) -> None:
        self.ray.kill(self.actor)


def start_on_ray() -> StartSlot:
    """Raises AgentflowError as `connect` does."""
    ray = connect()
    host: Any = ray.remote(SlotHost).options(num_cpus=1, max_concurrency=4)

    async def start(config: WorkerConfig) -> RaySlot:
        while True:
            actor = host.remote(config.model_dump_json())
            try:
                return RaySlot(ray, actor, await actor.pid.remote())
            except lost(ray):
                continue  # its machine was lost meanwhile

    return start
