"""NATS JetStream. Requests leave their stream when they are taken; events are kept for a while, and one that is published
again within the stream's window is dropped by the server."""

from contextlib import suppress
from typing import Any

from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker
from nats.errors import Error, MaxPayloadError
from nats.js.api import AckPolicy as Acks
from nats.js.api import ConsumerConfig, RetentionPolicy
from nats.js.errors import APIError, NotFoundError

ERRORS = (Error,)
TOO_LARGE = (MaxPayloadError,)
MESSAGE_TOO_LARGE = 10054  # of JetStream: the stream's own limit
KEPT = 7 * 86400.0  # seconds
UNTAKEN = 30.0  # seconds after which a request that was read and not acknowledged is handed out again


def connect(url: str) -> NatsBroker:
    return NatsBroker(
        url, allow_reconnect=False, max_reconnect_attempts=1, reconnect_time_wait=0, connect_timeout=5, logger=None
    )


async def subscribe(broker: NatsBroker, name: str, group: str) -> Any:
    await _declare(broker, name, RetentionPolicy.WORK_QUEUE, 0.0)
    config = ConsumerConfig(ack_policy=Acks.EXPLICIT, ack_wait=UNTAKEN)
    stream = JStream(name, declare=False)
    return broker.subscriber(
        name, stream=stream, durable=group, pull_sub=True, config=config, ack_policy=AckPolicy.MANUAL
    )


async def taken(message: Any) -> None:
    await message.ack()


async def prepare(broker: NatsBroker, name: str) -> None:
    await _declare(broker, name, RetentionPolicy.LIMITS, KEPT)


async def publish(broker: NatsBroker, name: str, body: bytes, *, key: str, id: str) -> None:
    try:
        await broker.publish(body, name, stream=name, headers={"Nats-Msg-Id": id}, timeout=10.0)
    except APIError as error:
        if error.err_code == MESSAGE_TOO_LARGE:
            raise MaxPayloadError from error
        raise


async def _declare(broker: NatsBroker, name: str, retention: RetentionPolicy, age: float) -> None:
    """A stream that is there is used as it is."""
    streams = (await broker.connect()).jetstream()
    with suppress(NotFoundError):
        await streams.stream_info(name)
        return
    await streams.add_stream(name=name, subjects=[name], retention=retention, max_age=age)
