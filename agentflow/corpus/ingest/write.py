"""What ingest writes, one short transaction a file or batch: a kill in between leaves a whole corpus behind."""

import json
from collections.abc import Iterable
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from agentflow.corpus.files.records import stored_record
from agentflow.corpus.parsing.prepare import Prepared
from agentflow.corpus.readers import VERSION
from agentflow.corpus.store import Corpus
from agentflow.storage.database import readable, transaction


def store_document(corpus: Corpus, path: str, kind: str, sha256: str, size: int, prepared: Prepared) -> None:
    """Replaces what is known of the file."""
    with readable(corpus.path), transaction(corpus.db):
        document = _replace_row(
            corpus,
            path,
            prepared.title,
            kind,
            sha256,
            prepared.date,
            size,
            len(prepared.extract.pages),
            len(prepared.chunks),
            "",
            prepared.extract.note,
        )
        corpus.db.conn.execute(
            "UPDATE documents SET author = ?, tags = ?, record = ?, dated = ? WHERE id = ?",
            [
                prepared.author,
                json.dumps(prepared.extract.tags),
                stored_record(prepared.record),
                prepared.dated,
                document,
            ],
        )
        lines = json.dumps(prepared.extract.lines) if prepared.extract.lines else None
        pages = json.dumps(prepared.extract.pages) if prepared.extract.pages else None
        labels = json.dumps(prepared.extract.labels) if prepared.extract.labels else None
        execute = corpus.db.conn.execute
        execute("INSERT INTO texts VALUES (?, ?, ?, ?, ?)", [document, prepared.extract.text, lines, pages, labels])
        for number, chunk in enumerate(prepared.chunks, 1):
            row = execute(
                "INSERT INTO chunks (document, number, title, heading, text, start, line, page, part, hash, ocr)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    document,
                    number,
                    prepared.title,
                    chunk.heading,
                    chunk.text,
                    chunk.start,
                    chunk.line,
                    chunk.page,
                    chunk.part,
                    chunk.hash,
                    chunk.ocr,
                ],
            ).lastrowid
            corpus.db.conn.executemany(
                "INSERT INTO sentences (chunk, start, end, citable, kind) VALUES (?, ?, ?, ?, ?)",
                [(row, *span) for span in chunk.sentences],
            )


def store_failure(corpus: Corpus, path: str, kind: str, sha256: str, reason: str) -> None:
    """Records why the file cannot be read; what an earlier version of it said is dropped."""
    with readable(corpus.path), transaction(corpus.db):
        _replace_row(corpus, path, PurePath(path).name, kind, sha256, "", 0, 0, 0, reason)


def _replace_row(
    corpus: Corpus,
    path: str,
    title: str,
    kind: str,
    sha256: str,
    date: str,
    size: int,
    pages: int,
    chunks: int,
    error: str,
    note: str = "",
) -> int:
    """Keeps the document's id over changes of its content."""
    execute = corpus.db.conn.execute
    known = corpus.value("SELECT id FROM documents WHERE path = ?", [path])
    values = [title, kind, sha256, date, size, pages, chunks, error, note, VERSION]
    if known is None:
        new = execute(
            "INSERT INTO documents (path, title, kind, sha256, date, bytes, pages, chunks, error, note, reader)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [path, *values],
        ).lastrowid
        return int(new or 0)
    _drop_chunks(corpus, known)
    execute(
        "UPDATE documents SET title = ?, kind = ?, sha256 = ?, date = ?, bytes = ?, pages = ?, chunks = ?, error = ?,"
        " note = ?, reader = ? WHERE id = ?",
        [*values, known],
    )
    return int(known)


def _drop_chunks(corpus: Corpus, document: int) -> None:
    execute = corpus.db.conn.execute
    execute("INSERT INTO unindexed SELECT id FROM chunks WHERE document = ? AND indexed = 1", [document])
    execute("DELETE FROM chunks WHERE document = ?", [document])
    execute("DELETE FROM texts WHERE document = ?", [document])


def remove_documents(corpus: Corpus, paths: Iterable[str]) -> None:
    with readable(corpus.path), transaction(corpus.db):
        for path in paths:
            document = corpus.value("SELECT id FROM documents WHERE path = ?", [path])
            _drop_chunks(corpus, document)
            corpus.db.conn.execute("DELETE FROM documents WHERE id = ?", [document])


def store_vectors(corpus: Corpus, hashes: list[bytes], vectors: NDArray[np.float32]) -> None:
    rows = [(key, row.astype("<f4").tobytes()) for key, row in zip(hashes, vectors, strict=True)]
    with readable(corpus.path), transaction(corpus.db):
        corpus.db.conn.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)


def tidy_vectors(corpus: Corpus) -> None:
    """Drops vectors of texts that no passage has any more; passages that lost theirs wait for another."""
    with readable(corpus.path), transaction(corpus.db):
        corpus.db.conn.execute("DELETE FROM vectors WHERE hash NOT IN (SELECT hash FROM chunks)")
        corpus.db.conn.execute(
            "UPDATE chunks SET indexed = 0 WHERE indexed = 1 AND hash NOT IN (SELECT hash FROM vectors)"
        )


def use_embedder(corpus: Corpus, name: str) -> None:
    """Another embedder is another space: its first use forgets the vectors of the last one."""
    if corpus.embedder == name:
        return
    with readable(corpus.path), transaction(corpus.db):
        corpus.db.conn.execute("DELETE FROM vectors")
        corpus.db.conn.execute("DELETE FROM unindexed")
        corpus.db.conn.execute("UPDATE chunks SET indexed = 0")
        corpus.db.conn.execute("INSERT OR REPLACE INTO corpus_meta VALUES ('embedder', ?)", [name])
