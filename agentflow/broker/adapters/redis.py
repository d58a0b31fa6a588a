"""Redis streams. A request is the one field of its entry, whatever its name; an event is the field `__data__`. Requests leave
the stream when they are taken; of events the newest are kept."""

from typing import Any, cast

from faststream.middlewares import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.parser import MessageFormat
from redis.exceptions import RedisError, ResponseError

ERRORS = (RedisError,)
TOO_LARGE = ()
KEPT = 100_000  # events


class Plain(MessageFormat):
    """The body as it is, for readers in any language."""

    @classmethod
    async def encode(cls, *, message: Any, **_: Any) -> bytes:
        return bytes(message)

    @classmethod
    def parse(cls, data: bytes) -> tuple[bytes, dict[str, Any]]:
        return data, {}


class RedisRequests:
    """First those that a reader had in hand when it ended, then new ones."""

    def __init__(self, broker: RedisBroker, name: str, group: str) -> None:
        def sub(**options: Any) -> Any:
            stream = StreamSub(name, group=group, consumer=group, **options)
            return broker.subscriber(stream=stream, ack_policy=AckPolicy.MANUAL)

        self.held = sub(min_idle_time=0)
        self.fresh = sub(last_id=">")

    async def start(self) -> None:
        await self.held.start()
        await self.fresh.start()

    async def get_one(self, *, timeout: float) -> Any:
        message = await self.held.get_one(timeout=timeout) or await self.fresh.get_one(timeout=timeout)
        if message:
            message.body = next(iter(message.raw_message["data"].values()))
        return message


def connect(url: str) -> RedisBroker:
    return RedisBroker(url, message_format=Plain, socket_connect_timeout=5, logger=cast(Any, None))


async def subscribe(broker: RedisBroker, name: str, group: str) -> Any:
    client = await broker.connect()
    try:
        await client.xgroup_create(name, group, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
    return RedisRequests(broker, name, group)


async def taken(message: Any) -> None:
    await message.ack()
    await message.delete()


async def prepare(broker: RedisBroker, name: str) -> None:
    """The first event makes the stream."""


async def publish(broker: RedisBroker, name: str, body: bytes, *, key: str, id: str) -> None:
    await broker.publish(body, stream=name, maxlen=KEPT)
