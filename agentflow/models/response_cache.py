"""Answers kept for reuse: to the very same request, or to one that means the same.

An entry counts only for the same models (by their weights), the same rest of the prompt and the same source hashes, so
that a changed document makes it unusable. A file of its own in the project's state folder; deleting it costs only time.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentflow.models.catalog.catalog import Cluster, ModelCatalog
from agentflow.models.client.types import Answer, Request
from agentflow.models.weights.locate import find_weights
from agentflow.usage import Usage

TABLE = """CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, scope TEXT NOT NULL, vector BLOB, answer TEXT NOT NULL, at REAL NOT NULL
)"""
KEPT = 10_000


class Answers:
    """`identity` names the models and their weights."""

    def __init__(self, path: Path, identity: str) -> None:
        self.path = path
        self.identity = identity

    def find(self, request: Request) -> Answer | None:
        """The answer to the very same request."""
        with self._open() as database:
            row = database.execute("SELECT answer FROM answers WHERE key = ?", (self.key(request),)).fetchone()
        return _reused(row[0]) if row else None

    def find_similar(self, request: Request, vector: NDArray[np.float32], least: float) -> Answer | None:
        """The answer to the nearest question with the same rest, if its cosine is at least `least`."""
        with self._open() as database:
            found = database.execute(
                "SELECT vector, answer FROM answers WHERE scope = ? AND vector IS NOT NULL", (self.scope(request),)
            ).fetchall()
        found = [(blob, answer) for blob, answer in found if len(blob) == vector.nbytes]
        if not found:
            return None
        nearness = np.stack([np.frombuffer(blob, np.float32) for blob, _ in found]) @ vector
        best = int(nearness.argmax())
        return _reused(found[best][1]) if nearness[best] >= least else None

    def keep(self, request: Request, answer: Answer, vector: NDArray[np.float32] | None = None) -> None:
        blob = None if vector is None else vector.astype(np.float32).tobytes()
        values = (self.key(request), self.scope(request), blob, json.dumps(asdict(answer)), time.time())
        with self._open() as database:
            database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", values)
            database.execute(
                "DELETE FROM answers WHERE key NOT IN (SELECT key FROM answers ORDER BY at DESC LIMIT ?)", (KEPT,)
            )

    def key(self, request: Request) -> str:
        """Everything that shapes the answer; not who asks, nor how urgently."""
        return _hash([self.identity, asdict(replace(request, run="", step="", priority="graph", deadline=0.0))])

    def scope(self, request: Request) -> str:
        """All but the last message."""
        return self.key(replace(request, messages=request.messages[:-1]))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=30)
        try:
            with database:
                database.execute(TABLE)
                yield database
        finally:
            database.close()


def identity(catalog: ModelCatalog, cluster: Cluster) -> str:
    """The models of a cluster with their settings and weights: other weights, other answers."""
    configs = [catalog.models[name] for name in cluster.models]
    files = [item for config in configs for item in (config, config.adapter) if item is not None]
    paths = [find_weights(item) for item in files]
    stats = [[path.stat().st_size, path.stat().st_mtime_ns] if path else None for path in paths]
    return _hash([cluster.model_dump(mode="json"), [config.model_dump(mode="json") for config in configs], stats])


def _reused(text: str) -> Answer:
    """It cost nothing this time: its prompt counts as cached, and nothing was written."""
    answer = Answer.from_json(json.loads(text))
    return replace(answer, usage=Usage(answer.usage.prompt, answer.usage.prompt, 0))


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
