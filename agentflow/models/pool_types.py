"""What a run's nodes ask of its models, and what the engine needs besides. `agentflow.testing` has one without servers."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from agentflow.models.catalog.catalog import ModelCatalog
from agentflow.models.client.types import Answer, EmbeddingClient, ModelEvent, Request, TokenCounter


class RunModels(Protocol):
    """The models of one run, by role."""

    @property
    def catalog(self) -> ModelCatalog: ...

    def model_of(self, role: str) -> str:
        """The name of the (first) model of a role."""
        ...

    async def client(self, role: str) -> TokenCounter: ...

    def warm(self, role: str) -> None:
        """Begins to start the (first) model of a role, and does not wait."""
        ...

    async def ask(
        self, role: str, request: Request, *, on_event: Callable[[ModelEvent], None] | None = None
    ) -> Answer: ...

    async def ask_all(
        self, role: str, requests: Sequence[Request], *, on_answer: Callable[[int, Answer], None] | None = None
    ) -> list[Answer]:
        """Answers in the order of the requests; `on_answer` hears each, with its place, as it comes."""
        ...

    def abilities(self, role: str) -> frozenset[str]:
        """What graphs may trust the (first) model of a role with."""
        ...

    async def weights(self, role: str) -> dict[str, str]:
        """The fingerprint of each model that may answer for a role."""
        ...


class ModelPool(RunModels, Protocol):
    """The models of one project, shared by its runs."""

    async def client(self, role: str) -> EmbeddingClient: ...

    async def unload(self) -> None:
        """Frees the memory; the next call loads again."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
