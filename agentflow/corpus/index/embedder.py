"""The seam to whatever turns text into vectors; the corpus never starts a model itself."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """`name` identifies the vector space: vectors of another name are never mixed with its own."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def unrelated(self) -> float:
        """The cosine of two texts that have nothing to do with each other, 0 or above it and below 1."""
        ...

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Documents and what is compared with each other: (len(texts), dimension), each row of length 1."""
        ...

    async def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As `embed`, of what documents are searched with: many models read the two differently."""
        ...
