"""Real implementations of the seams for tests and demonstrations: small, deterministic, without weights."""

import asyncio
import hashlib
import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from agentflow.models.catalog.catalog import Cluster, ModelCatalog
from agentflow.models.catalog.model_config import ABILITIES, Ability, ModelConfig
from agentflow.models.client.types import Answer, Message, ModelEvent, Request, Text
from agentflow.usage import Usage


class HashEmbedder:
    """Words hashed into signed dimensions (Weinberger et al., ICML 2009): texts that share words are near."""

    unrelated = 0.0

    def __init__(self, dimension: int = 128) -> None:
        self.dimension = dimension
        self.name = f"hash-{dimension}"
        self.texts = 0

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(len(texts), dimension), rows of length 1; `texts` counts what was embedded so far."""
        self.texts += len(texts)
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 1e-3
            for word in re.findall(r"\w+", text.lower()):
                digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
                at = int.from_bytes(digest[:4], "little") % self.dimension
                row[at] += 1.0 if digest[4] % 2 else -1.0
        lengths: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
        rows /= lengths
        return rows

    async def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await self.embed(texts)


class ScriptedModels:
    """A pool without servers: `reply` maps a request to the answer's text, or to JSON where it has a schema.

    `asked` are the requests it was really asked, in order. Tokens are counted as words. `abilities` are what graphs trust it
    with, as in models.yaml; `chance`, 0..1, is the probability it tells of each answer, as one token.
    """

    def __init__(
        self, reply: Callable[[Request], Any], *, name: str = "scripted", window: int = 4096, seconds: float = 0.0,
        abilities: Sequence[Ability] = ABILITIES, chance: float = 1.0,
    ) -> None:  # fmt: skip
        self.reply = reply
        self.name = name
        self.window = window
        self.seconds = seconds
        self.chance = chance
        self.asked: list[Request] = []
        self.unloaded = 0
        model = ModelConfig(backend="llama", weights="scripted", abilities=tuple(abilities), name=name)
        embedder = model.model_copy(update={"kind": "embedding", "name": "none"})
        roles = {"default": Cluster(models=(name,)), "embedder": Cluster(models=("none",))}
        self.catalog = ModelCatalog(models={name: model, "none": embedder}, roles=roles)

    def model_of(self, role: str) -> str:
        return self.catalog.resolve(role).name

    async def client(self, role: str) -> "ScriptedModels":
        return self

    def warm(self, role: str) -> None:
        """Nothing to start."""

    async def ask(self, role: str, request: Request, *, on_event: Callable[[ModelEvent], None] | None = None) -> Answer:
        self.asked.append(request)
        await asyncio.sleep(self.seconds)
        said = self.reply(request)
        text = said if isinstance(said, str) else json.dumps(said)
        if on_event:
            on_event(Text(text))
        usage = Usage(prompt=await self.count_tokens(request.messages), completion=len(text.split()))
        data = None if request.schema is None else said
        logprobs = ({text: math.log(self.chance)},) if request.logprobs else ()
        return Answer(text=text, data=data, logprobs=logprobs, usage=usage, model=self.name)

    async def ask_all(
        self, role: str, requests: Sequence[Request], *, on_answer: Callable[[int, Answer], None] | None = None
    ) -> list[Answer]:
        async def one(place: int, request: Request) -> Answer:
            answer = await self.ask(role, request)
            if on_answer:
                on_answer(place, answer)
            return answer

        return list(await asyncio.gather(*(one(place, request) for place, request in enumerate(requests))))

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content.split()) for message in messages)

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await HashEmbedder().embed(texts)

    def abilities(self, role: str) -> frozenset[str]:
        return frozenset(self.catalog.resolve(role).abilities or ())

    async def weights(self, role: str) -> dict[str, str]:
        return {self.name: ""}

    async def unload(self) -> None:
        self.unloaded += 1

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to stop."""
