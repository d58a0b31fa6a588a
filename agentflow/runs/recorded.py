"""What a node reads besides its calls, recorded too, so that a resume or a replay sees the same without a model."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage, Place, Sentence
from agentflow.models.client.types import Answer, Message, ModelEvent, Request
from agentflow.runs.blobs import compact, digest
from agentflow.runs.journal import Journal

if TYPE_CHECKING:
    from agentflow.corpus.search.search import Searcher
    from agentflow.models.pool_types import ModelPool


class RecordedSearcher:
    """Search results as they were when the step first ran, whatever was ingested since."""

    def __init__(self, searcher: "Searcher", journal: Journal, narrowed: Filter | None = None) -> None:
        self.searcher = searcher
        self.journal = journal
        self.narrowed = narrowed

    def within(self, where: Filter | None) -> "RecordedSearcher":
        return RecordedSearcher(self.searcher.within(where), self.journal, where) if where else self

    @property
    def scope(self) -> frozenset[int] | None:
        return self.searcher.scope

    async def search(
        self, query: str, *, k: int = 8, per_document: int | None = None, where: Filter | None = None
    ) -> list[Passage]:
        async def perform() -> dict[str, Any]:
            found = await self.searcher.search(query, k=k, per_document=per_document, where=where)
            return {"passages": [_stored(passage) for passage in found]}

        request: dict[str, Any] = {"query": query, "k": k, "per_document": per_document}
        if where is not None:
            request["where"] = where.model_dump(exclude_defaults=True)
        if self.narrowed not in (None, where):
            request["within"] = self.narrowed.model_dump(exclude_defaults=True)
        result, _ = await self.journal.call("read", "search", request, perform)
        return [_passage(item) for item in result["passages"]]

    async def similarity(self, query: str, texts: Sequence[str]) -> list[float]:
        async def perform() -> dict[str, Any]:
            return {"cosines": [round(cosine, 4) for cosine in await self.searcher.similarity(query, texts)]}

        request = {"query": query, "texts": digest(compact(list(texts))).hex()}
        result, _ = await self.journal.call("read", "similarity", request, perform)
        return [float(cosine) for cosine in result["cosines"]]


class RecordedModels:
    """The pool of a run, whose roles are fixed when it starts: models.yaml may change later, a fork changes one.

    A server starts when a call must really be made, or is about to be (`warm`); windows and token counts are recorded.
    """

    def __init__(self, pool: "ModelPool", journal: Journal, roles: dict[str, str]) -> None:
        self.pool = pool
        self.journal = journal
        self.roles = roles
        self.catalog = pool.catalog

    def model_of(self, role: str) -> str:
        return self.roles.get(role) or self.pool.model_of(role)

    def _asked(self, role: str) -> str:
        """What to ask the pool for: the role while its model is the run's (it may be a cluster), else the model."""
        name = self.model_of(role)
        return role if self.pool.model_of(role) == name else name

    async def client(self, role: str) -> "RecordedClient":
        name = self.model_of(role)

        async def perform() -> dict[str, Any]:
            return {"window": (await self.pool.client(self._asked(role))).window}

        result, _ = await self.journal.call("read", "window", {"role": role, "model": name}, perform)
        return RecordedClient(self, self._asked(role), name, result["window"])

    def warm(self, role: str) -> None:
        """Nothing in a replay, which makes no call."""
        if not (self.journal.recorded and self.journal.recorded.replay):
            self.pool.warm(self._asked(role))

    def ask(
        self, role: str, request: Request, *, on_event: Callable[[ModelEvent], None] | None = None
    ) -> Coroutine[Any, Any, Answer]:
        """The pool's own."""
        return self.pool.ask(self._asked(role), request, on_event=on_event)

    async def ask_all(
        self, role: str, requests: Sequence[Request], *, on_answer: Callable[[int, Answer], None] | None = None
    ) -> list[Answer]:
        """Not recorded here: `Context.request_all` journals the call as a whole."""
        return await self.pool.ask_all(self._asked(role), requests, on_answer=on_answer)

    def abilities(self, role: str) -> frozenset[str]:
        """Not recorded: a model that is calibrated again may be trusted with more, or less, when its run goes on."""
        return self.pool.abilities(self._asked(role))

    async def weights(self, role: str) -> dict[str, str]:
        return await self.pool.weights(self._asked(role))


class RecordedClient:
    def __init__(self, models: RecordedModels, role: str, name: str, window: int) -> None:
        self.models = models
        self.role = role
        self.name = name
        self.window = window

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        async def perform() -> dict[str, Any]:
            return {"tokens": await (await self.models.pool.client(self.role)).count_tokens(messages)}

        shown = digest(compact([asdict(message) for message in messages])).hex()
        request = {"model": self.name, "messages": shown}
        result, _ = await self.models.journal.call("read", "count_tokens", request, perform)
        return int(result["tokens"])


def _stored(passage: Passage) -> dict[str, Any]:
    """As `asdict` tells it, in a fifth of the time."""
    sentences = [_fields(sentence) for sentence in passage.sentences]
    copies = [_fields(place) for place in passage.copies]
    return {**_fields(passage), "sentences": sentences, "place": _fields(passage.place), "copies": copies}


def _fields(item: Passage | Sentence | Place) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}


def _passage(data: dict[str, Any]) -> Passage:
    sentences = [Sentence(**item) for item in data["sentences"]]
    copies = [Place(**item) for item in data.get("copies", [])]
    return Passage(**{**data, "sentences": sentences, "place": Place(**data["place"]), "copies": copies})
