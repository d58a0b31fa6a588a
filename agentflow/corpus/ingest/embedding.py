"""Vectors for the passages that have none yet: stored batch by batch, then handed to the index."""

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

from agentflow.corpus.index.embedder import Embedder
from agentflow.corpus.index.vectors import open_index, synchronise
from agentflow.corpus.ingest.in_order import in_order
from agentflow.corpus.ingest.write import store_vectors, use_embedder
from agentflow.corpus.parsing.prepare import embedded_text
from agentflow.corpus.store import Corpus
from agentflow.errors import CannotWrite, Unavailable
from agentflow.events import Note, Progress, Sink

BATCH = 64
WINDOW = 16 * BATCH  # texts that are sorted by length together: a batch takes the time of its longest
PENDING = "FROM chunks WHERE indexed = 0 AND NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.hash = chunks.hash)"

Turn = Callable[[], AbstractAsyncContextManager[None]]


async def embed_pending(corpus: Corpus, embedder: Embedder, sink: Sink, turn: Turn = nullcontext) -> int:
    """The number of texts embedded; equal ones are embedded once. An embedder that is not to be had ends it with a
    Note: the corpus is whole without, only its search is poorer.

    `turn` is entered around each write, for a caller that does not hold the writer's lock all the time.
    """
    async with turn():
        use_embedder(corpus, embedder.name)
    total = corpus.value(f"SELECT count(DISTINCT hash) {PENDING}")
    done, started = 0, time.monotonic()
    try:
        while window := _pending(corpus):  # what waits is asked for again each time: no place to lose
            batches = [window[at : at + BATCH] for at in range(0, len(window), BATCH)]
            texts = ([text for _, text in batch] for batch in batches)
            async for number, vectors in in_order(embedder.embed, texts, getattr(embedder, "ahead", 1)):
                batch = batches[number]
                async with turn():
                    store_vectors(corpus, [key for key, _ in batch], vectors)
                done += len(batch)
                speed = done / (time.monotonic() - started)
                sink(Progress(task="embeddings", done=done, total=max(total, done), unit=f"chunks, {speed:.0f}/s"))
            async with turn():  # what is done is searched, even if this never comes to its end
                _index(corpus)
    except (Unavailable, CannotWrite) as error:
        sink(
            Note(
                text=f"{total - done:,} passages have no vector yet, words alone find them: {error.message}; "
                f"{error.hint}; then run ingest again",
                level="warning",
            )
        )
    async with turn():
        _index(corpus)
    return done


def _pending(corpus: Corpus) -> list[tuple[bytes, str]]:
    """Hash and text of the next passages without a vector, of near lengths side by side."""
    rows = corpus.rows(
        "SELECT hash, path, chunks.title, heading, text FROM chunks JOIN documents ON documents.id = document"
        f" WHERE chunks.id IN (SELECT id {PENDING} ORDER BY id LIMIT ?)",
        [WINDOW],
    )
    texts = {key: embedded_text(path, title, heading, text) for key, path, title, heading, text in rows}
    return sorted(texts.items(), key=lambda pair: len(pair[1]))


def _index(corpus: Corpus) -> None:
    """Opens the vector index only when there is something to write: that takes a second."""
    if corpus.value("SELECT EXISTS (SELECT 1 FROM chunks WHERE indexed = 0) OR EXISTS (SELECT 1 FROM unindexed)"):
        synchronise(corpus, open_index(corpus))
