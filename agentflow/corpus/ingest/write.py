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


def store_document(corpus: Corpus, path: str, kind: str, sha256: str, size: int, prepared: Prepared) -> None:
    """Replaces what is known of the file."""
    extract = prepared.extract
    with corpus.writing() as database:
        document = _replace_row(
            corpus, path, title=prepared.title, kind=kind, sha256=sha256, date=prepared.date, bytes=size,
            pages=len(extract.pages), chunks=len(prepared.chunks), error="", note=extract.note, author=prepared.author,
            tags=json.dumps(extract.tags), record=stored_record(prepared.record), dated=prepared.dated,
        )  # fmt: skip
        places = (json.dumps(each) if each else None for each in (extract.lines, extract.pages, extract.labels))
        database.execute("INSERT INTO texts VALUES (?, ?, ?, ?, ?)", [document, extract.text, *places])
        for number, chunk in enumerate(prepared.chunks, 1):
            row = database.execute(
                "INSERT INTO chunks (document, number, title, heading, text, start, line, page, part, hash, ocr)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [document, number, prepared.title, chunk.heading, chunk.text, chunk.start, chunk.line, chunk.page,
                 chunk.part, chunk.hash, chunk.ocr],
            ).lastrowid  # fmt: skip
            database.executemany(
                "INSERT INTO sentences (chunk, start, end, citable, kind) VALUES (?, ?, ?, ?, ?)",
                [(row, *span) for span in chunk.sentences],
            )


def store_failure(corpus: Corpus, path: str, kind: str, sha256: str, reason: str) -> None:
    """Records why the file cannot be read; what an earlier version of it said is dropped."""
    with corpus.writing():
        _replace_row(
            corpus, path, title=PurePath(path).name, kind=kind, sha256=sha256, date="", bytes=0, pages=0, chunks=0,
            error=reason, note="",
        )  # fmt: skip


def _replace_row(corpus: Corpus, path: str, **told: object) -> int:
    """Keeps the document's id over changes of its content, and the columns that are not told."""
    values = {**told, "reader": VERSION}
    known = corpus.value("SELECT id FROM documents WHERE path = ?", [path])
    if known is None:
        marks = ", ".join("?" * len(values))
        sql = f"INSERT INTO documents (path, {', '.join(values)}) VALUES (?, {marks})"
        return int(corpus.db.conn.execute(sql, [path, *values.values()]).lastrowid or 0)
    _drop_chunks(corpus, known)
    columns = ", ".join(f"{name} = ?" for name in values)
    corpus.db.conn.execute(f"UPDATE documents SET {columns} WHERE id = ?", [*values.values(), known])
    return int(known)


def _drop_chunks(corpus: Corpus, document: int) -> None:
    execute = corpus.db.conn.execute
    execute("INSERT INTO unindexed SELECT id FROM chunks WHERE document = ? AND indexed = 1", [document])
    execute("DELETE FROM chunks WHERE document = ?", [document])
    execute("DELETE FROM texts WHERE document = ?", [document])


def remove_documents(corpus: Corpus, paths: Iterable[str]) -> None:
    with corpus.writing() as database:
        for path in paths:
            document = corpus.value("SELECT id FROM documents WHERE path = ?", [path])
            _drop_chunks(corpus, document)
            database.execute("DELETE FROM documents WHERE id = ?", [document])


def store_vectors(corpus: Corpus, hashes: list[bytes], vectors: NDArray[np.float32]) -> None:
    rows = [(key, row.astype("<f4").tobytes()) for key, row in zip(hashes, vectors, strict=True)]
    with corpus.writing() as database:
        database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)


def tidy_vectors(corpus: Corpus) -> None:
    """Drops vectors of texts that no passage has any more; passages that lost theirs wait for another."""
    with corpus.writing() as database:
        database.execute("DELETE FROM vectors WHERE hash NOT IN (SELECT hash FROM chunks)")
        database.execute("UPDATE chunks SET indexed = 0 WHERE indexed = 1 AND hash NOT IN (SELECT hash FROM vectors)")


def use_embedder(corpus: Corpus, name: str) -> None:
    """Another embedder is another space: its first use forgets the vectors of the last one."""
    if corpus.embedder == name:
        return
    with corpus.writing() as database:
        database.execute("DELETE FROM vectors")
        database.execute("DELETE FROM unindexed")
        database.execute("UPDATE chunks SET indexed = 0")
        database.execute("INSERT OR REPLACE INTO corpus_meta VALUES ('embedder', ?)", [name])
