"""Kafka. The events of a run lie in one partition, in their order; how long is the topic's own setting."""

import logging
from typing import Any
from urllib.parse import urlsplit

from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy

ERRORS = (KafkaError,)
TOO_LARGE = (MessageSizeTooLargeError,)
LARGEST = 32 << 20  # bytes of a request that can be read, and then rejected


def connect(url: str) -> KafkaBroker:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it repeats what is told once
    servers = urlsplit(url).netloc.split(",")
    return KafkaBroker(servers, acks="all", enable_idempotence=True, request_timeout_ms=10_000, logger=None)


async def subscribe(broker: KafkaBroker, name: str, group: str) -> Any:
    return broker.subscriber(
        name,
        group_id=group,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=LARGEST,
        ack_policy=AckPolicy.MANUAL,
    )


async def taken(message: Any) -> None:
    await message.ack()


async def prepare(broker: KafkaBroker, name: str) -> None:
    """The first event makes the topic, where the broker allows it."""


async def publish(broker: KafkaBroker, name: str, body: bytes, *, key: str, id: str) -> None:
    await broker.publish(body, name, key=key.encode(), headers={"id": id})
