"""What the screens may ask of what the project knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agentflow.knowledge.known_claim import KnownClaim


@dataclass(frozen=True, slots=True)
class KnownRow:
    """`fault`: why it counts no more, empty while it does."""

    claim: KnownClaim
    fault: str = ""


class KnownClaims(Protocol):
    async def all(self) -> Sequence[KnownRow]:
        """The pinned first, then the newest; each quote looked up again. Raises AgentflowError."""
        ...

    async def say(self, id: str, **said: Any) -> None:
        """`pinned`, `note`, `correction` or `retracted`. Raises AgentflowError for a claim that is gone."""
        ...
