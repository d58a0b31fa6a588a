"""One stream of a broker, whichever it is: read from, or published to."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from agentflow.broker.errors import BrokerFailed, TooLarge
from agentflow.errors import AgentflowError

ADAPTERS = {
    "nats": "nats", "tls": "nats", "redis": "redis", "rediss": "redis", "amqp": "rabbit", "amqps": "rabbit", "kafka": "kafka",
}  # fmt: skip
PLACE = re.compile(r"[^:]+|.+:\d+")  # HOST, HOST:PORT, or several
WAIT = 1.0  # seconds for which a reader waits for a request
PATIENCE = 15.0  # seconds after which a broker that does not answer counts as away
GROUP = "agentflow"  # of consumers: one at a time reads


class BrokerConnection:
    """`name` is the stream's. Its methods raise BrokerFailed; a new connection is then opened."""

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self.shown = shown(url)
        self.adapter = adapter_of(url)
        self.broker = self.adapter.connect(url)
        self.source: Any = None

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, name: str, *, read: bool) -> "AsyncIterator[BrokerConnection]":
        """The stream is made where there is none. Raises AgentflowError for a URL that names no broker."""
        made = cls(url, name)
        try:
            with made._explained():
                async with asyncio.timeout(PATIENCE):
                    await (made._subscribe() if read else made._prepare())
            yield made
        finally:
            with suppress(*made._errors, ExceptionGroup):
                async with asyncio.timeout(PATIENCE):
                    await made.broker.stop()

    async def next(self) -> Any:
        """A request, whose `body` is bytes; None when there is none for a while. Raises also when the broker is gone."""
        with self._explained():
            async with asyncio.timeout(PATIENCE):
                if message := await self.source.get_one(timeout=WAIT):
                    return message
                if not await self.broker.ping(WAIT):
                    raise OSError("it does not answer")
        return None

    async def taken(self, message: Any) -> None:
        """The broker need not keep it any more."""
        with self._explained():
            async with asyncio.timeout(PATIENCE):
                await self.adapter.taken(message)

    async def publish(self, body: bytes, *, key: str, id: str) -> None:
        """Returns when the broker has it. Messages of one `key` keep their order; `id` tells a repeated one. Raises TooLarge
        for what it never takes."""
        with self._explained():
            async with asyncio.timeout(PATIENCE):
                await self.adapter.publish(self.broker, self.name, body, key=key, id=id)

    async def _subscribe(self) -> None:
        await self.broker.connect()
        self.source = await self.adapter.subscribe(self.broker, self.name, GROUP)
        await self.source.start()

    async def _prepare(self) -> None:
        await self.broker.start()
        await self.adapter.prepare(self.broker, self.name)

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        return (*self.adapter.ERRORS, OSError, TimeoutError)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self.adapter.TOO_LARGE as error:
            raise TooLarge(f"{self.shown} takes no message of this size ({error})", "raise its limit") from error
        except self._errors as error:
            said = (str(error).strip().splitlines() or [f"no answer within {PATIENCE:.0f} s"])[0]
            raise BrokerFailed(
                f"{self.name} on {self.shown}: {said}",
                "start the broker, or check its address and rights; it is tried again",
            ) from error


def adapter_of(url: str) -> Any:
    """Raises AgentflowError for a URL of no broker that is known, and where FastStream is missing."""
    parts = urlsplit(url)
    if parts.scheme not in ADAPTERS or not PLACE.fullmatch(parts.netloc.rpartition("@")[2]):
        raise AgentflowError(
            f"'{shown(url)}' is no address of a broker", f"write nats://HOST:PORT; known: {', '.join(ADAPTERS)}"
        )
    if parts.scheme == "kafka" and "@" in parts.netloc:
        raise AgentflowError("kafka:// takes neither user nor password", "name a listener that asks for none")
    try:
        return import_module(f"agentflow.broker.adapters.{ADAPTERS[parts.scheme]}")
    except ImportError as error:
        raise AgentflowError(f"brokers need FastStream ({error})", "pip install 'agentflow[events]'") from error


def shown(url: str) -> str:
    """Without user and password."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
