"""Texts embedded by processes that Ray places, each by the model of its own machine."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agentflow.cluster import Hosts
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.embedder import ModelEmbedder
from agentflow.models.pool import Models
from agentflow.project import Project


class EmbedderHost:
    """The actor."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.name = name
        self.models: Models | None = None

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await (await self._embedder()).embed(texts)

    async def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await (await self._embedder()).embed_queries(texts)

    async def _embedder(self) -> ModelEmbedder:
        if self.models is None:
            project = Project.open(self.root)
            self.models = Models(load_catalog(project.models_files()).override({"embedder": self.name}), project.state)
            await self.models.__aenter__()
        return ModelEmbedder(self.models)


class RayEmbedder:
    """`name` is that of the project's embedder, which every machine must have."""

    dimension = 0

    def __init__(self, root: Path, name: str, count: int, unrelated: float = 0.0) -> None:
        self.name = name
        self.unrelated = unrelated
        self.hosts = Hosts(EmbedderHost, count, root, name)
        self.ahead = 2 * count

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = await self.hosts.ask("embed", list(texts))
        return found

    async def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = await self.hosts.ask("embed_queries", list(texts))
        return found
