"""The vector index: Chroma, embedded, holding only our own vectors. It can always be rebuilt from SQLite."""

import hashlib
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

BATCH = 2000


class VectorIndex:
    """One collection per embedder. Many may read; who writes holds the writer lock."""

    def __init__(self, folder: Path, embedder: str) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = "passages-" + hashlib.sha256(embedder.encode()).hexdigest()[:16]
        with readable_index(folder):
            self.collection = _client(folder).get_or_create_collection(
                name, embedding_function=None, configuration={"hnsw": {"space": "cosine", "ef_search": 128}}
            )

    def count(self) -> int:
        return self.collection.count()

    def add(self, chunks: Sequence[int], vectors: NDArray[np.float32]) -> None:
        self.collection.upsert(ids=[str(chunk) for chunk in chunks], embeddings=vectors)

    def remove(self, chunks: Sequence[int]) -> None:
        self.collection.delete(ids=[str(chunk) for chunk in chunks])

    def nearest(
        self, vector: NDArray[np.float32], k: int, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """(chunk, cosine similarity) of the k nearest, best first; `among` these chunks where they are given."""
        if among is not None and not among:
            return []
        ids = None if among is None else [str(chunk) for chunk in among]
        with readable_index(self.folder):
            result: Any = self.collection.query(
                query_embeddings=vector.reshape(1, -1), ids=ids, n_results=k, include=["distances"]
            )
        return [
            (int(id), 1.0 - distance) for id, distance in zip(result["ids"][0], result["distances"][0], strict=True)
        ]

    def vector(self, chunk: int) -> NDArray[np.float32]:
        """As the index holds it."""
        with readable_index(self.folder):
            result: Any = self.collection.get(ids=[str(chunk)], include=["embeddings"])
        return np.asarray(result["embeddings"][0], np.float32)

    def ids(self) -> set[int]:
        return {int(id) for id in self.collection.get(include=[])["ids"]}


@contextmanager
def readable_index(folder: Path) -> Iterator[None]:
    """Raises AgentflowError for a damaged folder, of which Chroma raises its own, Rust's and SQLite's kinds."""
    try:
        yield
    except Exception as error:
        told = f"the vector index {folder} cannot be read ({error})"
        raise AgentflowError(told, "rebuild it: agentflow corpus rebuild") from error


CLIENTS: dict[Path, "ClientAPI"] = {}  # one a folder, with its files and threads, until the last corpus of it is closed
USERS: dict[Path, WeakSet[Corpus]] = {}
SEEN: dict[Path, str] = {}  # the state of the index that the client knows


def open_index(corpus: Corpus) -> VectorIndex:
    """Open until the corpus is closed. A client that has seen an older state is closed first: it would never learn of what
    another process wrote."""
    folder, state = index_folder(corpus), index_state(corpus)
    if SEEN.get(folder, state) != state:
        _close_client(folder)
    users = USERS.setdefault(folder, WeakSet())
    if corpus not in users:
        users.add(corpus)
        corpus.closing.callback(_leave, corpus, folder)
    index = VectorIndex(folder, corpus.embedder)
    SEEN[folder] = state
    return index


def _client(folder: Path) -> "ClientAPI":
    from chromadb import PersistentClient
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    if folder not in CLIENTS:
        settings = Settings(anonymized_telemetry=False, allow_reset=False)
        try:
            CLIENTS[folder] = PersistentClient(path=str(folder), settings=settings)
        except Exception:
            SharedSystemClient.clear_system_cache()  # it keeps what could not be started
            raise
    return CLIENTS[folder]


def _leave(corpus: Corpus, folder: Path) -> None:
    USERS[folder].discard(corpus)
    if not USERS[folder]:
        del USERS[folder]
        _close_client(folder)


def _close_client(folder: Path) -> None:
    SEEN.pop(folder, None)
    if client := CLIENTS.pop(folder, None):
        client.close()  # type: ignore[attr-defined]  # all it returns have it, its interface not


def index_folder(corpus: Corpus) -> Path:
    return corpus.path.parent / "chroma"


def index_state(corpus: Corpus) -> str:
    """Another one after each write to the index."""
    return corpus.value("SELECT value FROM corpus_meta WHERE name = 'vectors'") or ""


def is_stale(corpus: Corpus) -> bool:
    """Another process wrote to the index since this one opened it."""
    return SEEN.get(index_folder(corpus)) != index_state(corpus)


def _mark(corpus: Corpus, sql: str, chunks: Sequence[int]) -> None:
    """Chroma has taken these: that and the index's new state are stored together."""
    state = secrets.token_hex(8)
    with corpus.writing() as database:
        if chunks:
            database.executemany(sql, [(chunk,) for chunk in chunks])
        database.execute("INSERT OR REPLACE INTO corpus_meta VALUES ('vectors', ?)", [state])
    SEEN[index_folder(corpus)] = state


def remove_index(corpus: Corpus) -> None:
    """Deletes the index; nothing is lost. Only the writer may."""
    folder = index_folder(corpus)
    try:
        name = open_index(corpus).collection.name
        _client(folder).delete_collection(name)
    except AgentflowError:  # too damaged to be asked
        _close_client(folder)  # it would go on writing to the deleted files
        shutil.rmtree(folder, ignore_errors=True)
    with corpus.writing() as database:
        database.execute("UPDATE chunks SET indexed = 0")
        database.execute("DELETE FROM unindexed")
    _mark(corpus, "", ())


def synchronise(corpus: Corpus, index: VectorIndex) -> None:
    """Brings the index up to what SQLite holds. Each batch is marked only after Chroma has taken it."""
    while gone := [chunk for (chunk,) in corpus.rows("SELECT chunk FROM unindexed LIMIT ?", [BATCH])]:
        index.remove(gone)
        _mark(corpus, "DELETE FROM unindexed WHERE chunk = ?", gone)
    while rows := corpus.rows(
        "SELECT id, vector FROM chunks JOIN vectors USING (hash) WHERE indexed = 0 ORDER BY id LIMIT ?", [BATCH]
    ):
        chunks = [chunk for chunk, _ in rows]
        index.add(chunks, to_array([vector for _, vector in rows]))
        _mark(corpus, "UPDATE chunks SET indexed = 1 WHERE id = ?", chunks)


def to_array(blobs: Sequence[bytes]) -> NDArray[np.float32]:
    return np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), -1).astype(np.float32, copy=False)
