"""The seam to whatever serves a model."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How to reach a running server: an OpenAI base URL (`.../v1`) over TCP, or over the Unix socket when given. `verify`: of
    https, the system's authorities or those of a context."""

    url: str
    key: str
    model: str
    socket: Path | None = None
    verify: ssl.SSLContext | bool = field(default=False, compare=False)


class Server(Protocol):
    async def start(self) -> Endpoint:
        """Starts the server, joins one that runs, or starts one that died again. Raises Unavailable with the reason."""
        ...

    async def ready(self) -> bool:
        """Whether it runs and answers."""
        ...

    async def stop(self, *, wait: bool = False) -> None:
        """Leaves it; the last one to leave ends it. `wait` returns only when its memory is free."""
        ...
