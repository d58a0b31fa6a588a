"""A server that agentflow starts itself, shares between processes, restarts after a crash and ends."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import httpx2
from filelock import Timeout

from agentflow.errors import Unavailable
from agentflow.events import Note, Progress, Sink, ignore
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers.command import ServerCommand
from agentflow.models.servers.diagnosis import diagnose, unkept
from agentflow.models.servers.server import Endpoint
from agentflow.models.servers.server_dir import Ended, Running, ServerDir, is_alive, new_user

MAX_RESTARTS = 3
BACKOFF = 0.25
FORGIVEN = 600.0
"""Seconds after which an earlier crash no longer counts."""
END_TOLD = 15.0
"""Seconds given to the supervisor to write how its server ended: moments, more on a busy machine."""


class Managed:
    """`launch` makes the command line again for every start, since ports and keys are drawn each time."""

    def __init__(
        self,
        config: ModelConfig,
        place: ServerDir,
        launch: Callable[[ServerDir], ServerCommand],
        sink: Sink = ignore,
        address: str = "",
    ) -> None:
        self.config = config
        self.address = address or config.name
        self.place = place
        self.launch = launch
        self.sink = sink
        self.endpoint: Endpoint | None = None
        self.supervisor = 0
        self.user = new_user()
        self.restarts = 0
        self.crashed = 0.0

    async def start(self) -> Endpoint:
        if self.endpoint and await self.ready():
            return self.endpoint
        if self.endpoint:
            await self._announce_crash()
        with await self._lock():
            self.place.join(self.user)
            try:
                running = self.place.running() or await self._launch()
            except BaseException:
                self.place.leave(self.user)
                raise
        path = Path(running.socket) if running.socket else None
        self.supervisor = running.supervisor
        model = self.config.name if self.config.base else running.model
        self.endpoint = Endpoint(running.url, running.key, model, path)
        return self.endpoint

    async def ready(self) -> bool:
        running = self.place.running()
        return bool(running and self.endpoint and running.key == self.endpoint.key)

    async def stop(self, *, wait: bool = False) -> None:
        running = self.place.running()
        self.place.leave(self.user)
        self.endpoint = None
        if running:
            with suppress(ProcessLookupError):
                os.kill(running.supervisor, signal.SIGUSR1)
        for _ in range(600 if wait and not self.place.users() and not self.config.keep_alive else 0):
            if self.place.running() is None and not (running and is_alive(running.supervisor)):
                return
            await asyncio.sleep(0.02)

    async def _lock(self) -> AbstractContextManager[object]:
        """The folder's lock: whoever starts the server holds it, the others wait and then join."""
        lock = self.place.lock()
        self.place.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        deadline = time.monotonic() + self.config.timeout.start
        while True:
            try:
                return lock.acquire()
            except Timeout:
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"another agentflow process has been starting '{self.config.name}' for too long",
                        f"see `agentflow models ps` and {self.place.folder / 'log'}",
                    ) from None
                await asyncio.sleep(0.05)

    async def _announce_crash(self) -> None:
        self.endpoint = None
        now = time.monotonic()
        self.restarts = 1 if now - self.crashed > FORGIVEN else self.restarts + 1
        self.crashed = now
        reason = await self._reason()
        if self.restarts > MAX_RESTARTS:
            raise Unavailable(f"{reason.message}; it was restarted {MAX_RESTARTS} times", reason.hint)
        self.sink(Note(text=f"{reason.message}; starting it again", level="warning"))
        await asyncio.sleep(BACKOFF * 2 ** (self.restarts - 1))

    async def _reason(self) -> Unavailable:
        """Why the server is gone, once its supervisor has written it; a supervisor that was killed cannot."""
        deadline = time.monotonic() + END_TOLD
        while (
            (alive := is_alive(self.supervisor))
            and not self.place.ended(self.supervisor)
            and time.monotonic() < deadline
        ):
            await asyncio.sleep(0.02)
        if ended := self.place.ended(self.supervisor):
            return diagnose(self.config, ended)
        return diagnose(self.config, Ended(None, self.place.log_tail())) if alive else unkept(self.config)

    async def _launch(self) -> Running:
        self.place.prepare()
        self.sink(Progress(task=f"starting {self.config.name}", done=0, total=0, unit="s"))
        launch = await asyncio.to_thread(self.launch, self.place)
        orders = json.dumps(launch.orders(self.place.folder, self.config.keep_alive))
        kept = await asyncio.to_thread(_start_supervisor, orders.encode())
        if not kept:
            program = launch.argv[0]
            raise Unavailable(f"'{program}' of '{self.config.name}' could not be started", "check that it is installed")
        pids = json.loads((self.place.folder / "pids").read_text())
        try:
            url = await self._until_ready(launch, pids["supervisor"])
        except BaseException:
            (self.place.folder / "stop").touch()
            with suppress(ProcessLookupError):
                os.kill(pids["supervisor"], signal.SIGUSR1)
            raise
        running = Running(
            name=self.config.name,
            serve=self.config.backend,
            pid=pids["server"],
            supervisor=pids["supervisor"],
            url=url,
            key=launch.key,
            socket=launch.socket,
            model=launch.model,
            started=time.time(),
            argv=launch.argv,
            address=self.address,
        )
        self.place.announce(running)
        return running

    async def _until_ready(self, launch: ServerCommand, supervisor: int) -> str:
        """The base URL, once the server answers; the log's last line is shown meanwhile."""
        started = time.monotonic()
        pause = 0.01
        while (waited := time.monotonic() - started) < self.config.timeout.start:
            if launch.ready_line and (line := self.place.ready_line()):
                if line.get("ready"):
                    return launch.url or f"{line['url'].rstrip('/').removesuffix('/v1')}/v1"
                raise Unavailable(f"'{self.config.name}' cannot be served: {line['error']}", line.get("hint", ""))
            if not launch.ready_line and await _healthy(launch):
                return launch.url
            kept = is_alive(supervisor)
            if ended := self.place.ended(supervisor):
                raise diagnose(self.config, ended)
            if not kept:
                raise unkept(self.config)
            log = self.place.log_tail(2048).strip().splitlines()
            task = f"starting {self.config.name}" + (f": {log[-1][:100]}" if log else "")
            self.sink(Progress(task=task, done=round(waited, 1), total=0, unit="s"))
            await asyncio.sleep(pause)
            pause = min(0.5, pause * 1.5)
        late = diagnose(self.config, Ended(None, self.place.log_tail()))
        raise Unavailable(f"'{self.config.name}' was not ready after {waited:.0f} s", late.hint)


def _start_supervisor(orders: bytes) -> bool:
    """Whether the supervisor could start the program."""
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "agentflow.models.servers.supervisor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert supervisor.stdin and supervisor.stdout
    supervisor.stdin.write(orders)
    supervisor.stdin.close()
    line = supervisor.stdout.readline()
    supervisor.stdout.close()
    threading.Thread(target=supervisor.wait, daemon=True).start()  # reaps it, should it end before we do
    return line == b"kept\n"


async def _healthy(launch: ServerCommand) -> bool:
    transport = httpx2.AsyncHTTPTransport(verify=False, uds=launch.socket or None)
    async with httpx2.AsyncClient(transport=transport, trust_env=False, timeout=5) as http:
        try:
            answer = await http.get(launch.url.removesuffix("/v1") + launch.health)
        except httpx2.HTTPError:
            return False
    return answer.status_code == 200
