"""RabbitMQ. Requests are a durable queue; events a stream, which many may read from any place."""

import logging
from contextlib import suppress
from typing import Any

from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity
from faststream.middlewares import AckPolicy
from faststream.rabbit import QueueType, RabbitBroker, RabbitQueue

ERRORS = (AMQPError, RuntimeError)  # the second is what aio-pika raises for a connection or channel that broke
TOO_LARGE = ()
KEPT = {"x-max-age": "7D"}


class RabbitRequests:
    """Each waits for its acknowledgement."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.start = source.start

    async def get_one(self, *, timeout: float) -> Any:
        return await self.source.get_one(timeout=timeout, no_ack=False)


def connect(url: str) -> RabbitBroker:
    for name in ("aiormq", "aio_pika"):  # they repeat what is told once
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return RabbitBroker(url, timeout=5, logger=None)


async def subscribe(broker: RabbitBroker, name: str, group: str) -> Any:
    await _declare(broker, name, QueueType.CLASSIC, {})
    return RabbitRequests(broker.subscriber(RabbitQueue(name, declare=False), ack_policy=AckPolicy.MANUAL))


async def taken(message: Any) -> None:
    await message.ack()


async def prepare(broker: RabbitBroker, name: str) -> None:
    await _declare(broker, name, QueueType.STREAM, KEPT)


async def publish(broker: RabbitBroker, name: str, body: bytes, *, key: str, id: str) -> None:
    await broker.publish(body, routing_key=name, persist=True, message_id=id, timeout=10.0)


async def _declare(broker: RabbitBroker, name: str, kind: QueueType, arguments: dict[str, Any]) -> None:
    """A queue that is there is used as it is. The broker closes the channel that asked for one that is not."""
    connection = await broker.connect()
    with suppress(ChannelNotFoundEntity):
        async with connection.channel() as channel:
            await channel.declare_queue(name, passive=True)
        return
    async with connection.channel() as channel:
        await channel.declare_queue(name, durable=True, arguments={"x-queue-type": kind.value, **arguments})
