"""Vectors for the passages that have none yet: stored batch by batch, then handed to the index."""

import time

from agentflow.corpus.chunks import embedding_text
from agentflow.corpus.embedder import Embedder
from agentflow.corpus.store import Corpus
from agentflow.corpus.vectors import open_index, synchronise
from agentflow.corpus.write import drop_unused_vectors, store_vectors, use_embedder
from agentflow.errors import Unavailable
from agentflow.events import Note, Progress, Sink

BATCH = 64
INDEXED = 32 * BATCH
PENDING = "FROM chunks WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.hash = chunks.hash)"


async def embed_pending(corpus: Corpus, embedder: Embedder, sink: Sink) -> int:
    """The number of texts embedded; equal ones are embedded once. An embedder that is not to be had ends it with a
    Note: the corpus is whole without, only its search is poorer."""
    use_embedder(corpus, embedder.name)
    total = corpus.value(f"SELECT count(DISTINCT hash) {PENDING}")
    done, started = 0, time.monotonic()
    while rows := corpus.rows(  # what waits is asked for anew each time: no place to lose
        f"SELECT hash, title, heading, text {PENDING} GROUP BY hash ORDER BY min(id) LIMIT ?", [BATCH]
    ):
        try:
            vectors = await embedder.embed([embedding_text(title, heading, text) for _, title, heading, text in rows])
        except Unavailable as error:
            sink(
                Note(
                    text=f"{total - done:,} passages have no vector yet, words alone find them: {error.message}; "
                    f"{error.hint}; then run ingest again",
                    level="warning",
                )
            )
            break
        store_vectors(corpus, [key for key, *_ in rows], vectors)
        done += len(rows)
        speed = done / (time.monotonic() - started)
        sink(Progress(task="embeddings", done=done, total=total, unit=f"chunks, {speed:.0f}/s"))
        if done % INDEXED == 0:  # what is done is searched, even if this never comes to its end
            _index(corpus)
    drop_unused_vectors(corpus)
    _index(corpus)
    return done


def _index(corpus: Corpus) -> None:
    """Opens the vector index only when there is something to write: that takes a second."""
    if corpus.value("SELECT EXISTS (SELECT 1 FROM chunks WHERE indexed = 0) OR EXISTS (SELECT 1 FROM unindexed)"):
        synchronise(corpus, open_index(corpus))
