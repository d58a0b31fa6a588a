"""The corpus's embedder, answered by the model that models.yaml names for that role; its server starts on first use."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from agentflow.models.catalog.model_config import ModelConfig
    from agentflow.models.pool_types import ModelPool


class ModelEmbedder:
    def __init__(self, models: "ModelPool", role: str = "embedder") -> None:
        self.models = models
        self.role = role

    @property
    def name(self) -> str:
        return self.models.model_of(self.role)

    @property
    def dimension(self) -> int:
        """0: known when the first vectors are there."""
        return 0

    @property
    def config(self) -> "ModelConfig":
        return self.models.catalog.resolve(self.role)

    @property
    def unrelated(self) -> float:
        return self.config.unrelated

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await self._embed(self.config.prompts.document, texts)

    async def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await self._embed(self.config.prompts.query, texts)

    async def _embed(self, prompt: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return await (await self.models.client(self.role)).embed([prompt + text for text in texts])
