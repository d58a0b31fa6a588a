"""The corpus in SQLite: documents, their text, passages and sentences. Reading only; ingest.py writes."""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from agentflow.corpus.document import Document, Status
from agentflow.corpus.names import name_on_disk, stored_name
from agentflow.corpus.passage import Passage, Place, Sentence
from agentflow.corpus.site_copies import SiteCopies
from agentflow.errors import AgentflowError
from agentflow.storage.database import migrate, open_database, readable, transaction

if TYPE_CHECKING:
    from sqlite_utils import Database

    from agentflow.corpus.filter import Filter

Parameters = Sequence[Any] | Mapping[str, Any]
DOCUMENT = "id, path, title, kind, sha256, date, bytes, pages, chunks, error, note"
PASSAGE = """SELECT chunks.id, chunks.document, documents.path, chunks.title, chunks.heading, chunks.text,
             chunks.start, chunks.line, chunks.page, chunks.part, chunks.ocr FROM chunks JOIN documents ON documents.id = chunks.document"""


class Corpus:
    """Documents, passages and sentences of one database, for reading; `ingest` writes them. Close it after use.

    `base` is the folder that stored paths are relative to: the project's. What other sites sent is kept in `copies`, with
    negative ids: whoever holds an id may ask here for either kind.
    """

    def __init__(self, db: "Database", path: Path) -> None:
        self.db = db
        self.path = path
        self.notes: list[str] = []
        self.base = path.parent.parent if path.parent.name == ".agentflow" else path.parent
        self.copies = SiteCopies(db)
        self.closing = ExitStack()  # what was opened for this corpus besides

    @classmethod
    def open(cls, database: Path, *, create: bool = False) -> "Corpus":
        """Raises AgentflowError for a missing file (unless `create`), a damaged one or one of a newer version.

        A word index that an older version made is rebuilt; `notes` then says so.
        """
        from agentflow.corpus.migrations import MIGRATIONS
        from agentflow.corpus.terms import indexed

        database = database.absolute()
        db = open_database(database, create=create)
        with readable(database):
            db.conn.create_function("indexed", 1, indexed, deterministic=True)
            migrate(db, "corpus", MIGRATIONS)
            corpus = cls(db, database)
            corpus._renew_words()
        return corpus

    def _renew_words(self) -> None:
        """Fills the word index again when the form of words has changed since."""
        from agentflow.corpus.terms import VERSION

        known = "SELECT value FROM corpus_meta WHERE name = 'words'"
        if self.value(known) == str(VERSION):
            return
        with self.writing() as database:  # a second process waits here, then finds it done
            if self.value(known) == str(VERSION):
                return
            if passages := self.value("SELECT count(*) FROM chunks"):
                database.execute("INSERT INTO chunks_fts(chunks_fts) VALUES ('rebuild')")
                self.notes.append(f"the word index of an older version was rebuilt for {passages:,} passages")
            database.execute("INSERT OR REPLACE INTO corpus_meta VALUES ('words', ?)", [str(VERSION)])

    def close(self) -> None:
        self.closing.close()
        self.db.close()

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        return self.db.conn.execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.db.conn.execute(sql, parameters).fetchone()
        return row[0] if row else None

    @property
    def embedder(self) -> str:
        """The name of the space the vectors lie in; empty before any was stored."""
        return self.value("SELECT value FROM corpus_meta WHERE name = 'embedder'") or ""

    def waiting(self) -> int:
        """Passages that only words find yet: their vectors are to come."""
        return int(self.value("SELECT count(*) FROM chunks WHERE indexed = 0"))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, for who writes. Raises AgentflowError when the database cannot be written."""
        with readable(self.path), transaction(self.db):
            yield self.db.conn

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever another process writes meanwhile. Nothing may be written
        or awaited inside."""
        if self.db.conn.in_transaction:
            yield
            return
        self.db.conn.execute("BEGIN")
        try:
            yield
        finally:
            self.db.conn.execute("ROLLBACK")

    def status(self) -> Status:
        folder = self.path.parent
        files = [*folder.glob(f"{self.path.name}*"), *(folder / "chroma").rglob("*")]
        return Status(
            documents=self.value("SELECT count(*) FROM documents WHERE error = ''"),
            chunks=self.value("SELECT count(*) FROM chunks"),
            sentences=self.value("SELECT count(*) FROM sentences"),
            vectors=self.value("SELECT count(*) FROM chunks JOIN vectors USING (hash)"),
            indexed=self.value("SELECT count(*) FROM chunks WHERE indexed = 1"),
            failed=self.failed(),
            partly=self.partly(),
            bytes=sum(file.stat().st_size for file in files if file.is_file()),
            embedder=self.embedder,
            roots=[path for (path,) in self.rows("SELECT path FROM corpus_roots ORDER BY path")],
        )

    def failed(self) -> list[tuple[str, str]]:
        """Path and reason of every file that could not be read."""
        return self.rows("SELECT path, error FROM documents WHERE error != '' ORDER BY path")

    def partly(self) -> list[tuple[str, str]]:
        """Path of every file that was read in part, and what of it was not."""
        return self.rows("SELECT path, note FROM documents WHERE note != '' ORDER BY path")

    def documents(self) -> list[Document]:
        return [Document(*row) for row in self.rows(f"SELECT {DOCUMENT} FROM documents ORDER BY path")]

    def readable_documents(self, scope: frozenset[int] | None) -> list[Document]:
        """The documents that were read, of those in `scope`, by id; None for all."""
        return [one for one in self.documents() if not one.error and (scope is None or one.id in scope)]

    def document(self, id_or_path: int | str | Path) -> Document:
        """By id, stored path, absolute path or file name where that is unique; of a site's the newest
        version by its path in citations. Raises AgentflowError otherwise."""
        if isinstance(id_or_path, int) and id_or_path < 0:
            return self.copies.document(id_or_path)
        if isinstance(id_or_path, int):
            found = self.rows(f"SELECT {DOCUMENT} FROM documents WHERE id = ?", [id_or_path])
        else:
            wanted = str(id_or_path).encode("utf-8", "replace").decode()  # a stored path is UTF-8
            found = self.rows(
                f"SELECT {DOCUMENT} FROM documents WHERE path IN (?, ?) OR substr(path, -length(?)) = ? ORDER BY path = ? DESC",
                [wanted, self.stored_path(Path(id_or_path)), f"/{wanted}", f"/{wanted}", wanted],
            )
            if len(found) > 1 and found[0][1] != wanted:
                names = ", ".join(row[1] for row in found[:5])
                raise AgentflowError(f"'{wanted}' names several documents: {names}", "give the whole path")
        if not found and (versions := self.copies.received([str(id_or_path)])):
            return self.copies.document(versions[str(id_or_path)][-1].id)
        if not found:
            raise AgentflowError(f"no document '{id_or_path}' in {self.path}", "see `agentflow corpus list`")
        return Document(*found[0])

    def matching(self, wanted: "Filter") -> frozenset[int] | None:
        """The documents that a filter lets through; None where that is all of them."""
        rows = self.rows(
            "SELECT id, current, path, kind, date, author, tags FROM documents LEFT JOIN origins USING (path) WHERE error = ''"
        )
        found = self._held(rows, wanted)
        if wanted.collections:
            from agentflow.corpus.collections import collection, load_collections

            known = load_collections(self.base)
            found &= frozenset().union(
                *(self._held(rows, collection(known, name, self.base)) for name in wanted.collections)
            )
        return None if len(found) == len(rows) else found

    def _held(self, rows: Sequence[tuple[Any, ...]], wanted: "Filter") -> frozenset[int]:
        """Of these documents; collections aside."""
        folders = [self.file_of(root) for root in wanted.roots]
        return frozenset(
            id
            for id, current, path, *told in rows
            if (wanted.admits(path, current=bool(current)) if current is not None else wanted.holds(path, *told)
                and (not folders or any(self.file_of(path).is_relative_to(folder) for folder in folders)))
        )  # fmt: skip

    def text(self, document_id: int) -> str:
        """The whole extracted text, which all offsets point into."""
        if document_id < 0:
            return self.copies.text(document_id)
        text = self.value("SELECT text FROM texts WHERE document = ?", [document_id])
        if text is None:
            raise AgentflowError(f"document {document_id} has no text", "see `agentflow corpus status` for the reason")
        return str(text)

    def passage(self, chunk_id: int) -> Passage:
        if not (found := self.passages([chunk_id])):
            raise AgentflowError(f"no passage {chunk_id} in {self.path}", "its document was changed or removed since")
        return found[0]

    def passages(self, chunk_ids: Iterable[int]) -> list[Passage]:
        """In the order asked for; ids that are gone are left out."""
        ids = list(chunk_ids)
        if foreign := [id for id in ids if id < 0]:
            known = [*self.copies.passages(foreign), *self.passages(id for id in ids if id > 0)]
            return sorted(known, key=lambda passage: ids.index(passage.chunk))
        marks = ", ".join("?" * len(ids))
        rows = {row[0]: row for row in self.rows(f"{PASSAGE} WHERE chunks.id IN ({marks})", ids)}
        spans: dict[int, list[tuple[Any, ...]]] = {}
        for chunk, *span in self.rows(
            f"SELECT chunk, id, start, end, citable, kind FROM sentences WHERE chunk IN ({marks}) ORDER BY id", ids
        ):
            spans.setdefault(chunk, []).append(tuple(span))
        return [_passage(rows[chunk], spans.get(chunk, [])) for chunk in ids if chunk in rows]

    def openings(self, document_ids: Iterable[int]) -> list[int]:
        """Ids of the first passage of each of these documents that has any."""
        found = (self.value("SELECT min(id) FROM chunks WHERE document = ?", [id]) for id in document_ids)
        return [chunk for chunk in found if chunk is not None]

    def chunks_of(self, document_id: int) -> list[int]:
        """Ids of the passages of one of the project's documents, in their order."""
        return [id for (id,) in self.rows("SELECT id FROM chunks WHERE document = ? ORDER BY start", [document_id])]

    def following(self, document_id: int, offset: int, most: int) -> list[Sentence]:
        """The first sentences of a document from an offset on, whatever passage they are in."""
        if document_id < 0:
            known = (sentence for passage in self.copies.of_document(document_id) for sentence in passage.sentences)
            return [sentence for sentence in known if sentence.start >= offset][:most]
        chunks = self.rows("SELECT id FROM chunks WHERE document = ? AND start + length(text) > ? ORDER BY start LIMIT ?",
                           [document_id, offset, most])  # fmt: skip
        found = (sentence for passage in self.passages(id for (id,) in chunks) for sentence in passage.sentences)
        return [sentence for sentence in found if sentence.start >= offset][:most]

    def sentence(self, sentence_id: int) -> Sentence:
        chunk = self.value("SELECT chunk FROM sentences WHERE id = ?", [sentence_id])
        if chunk is None:
            raise AgentflowError(
                f"no sentence {sentence_id} in {self.path}", "its document was changed or removed since"
            )
        return next(sentence for sentence in self.passage(chunk).sentences if sentence.id == sentence_id)

    def locate(self, document_id: int, start: int) -> Place:
        """Where an offset of a document's text lies in its file."""
        if document_id < 0:
            return self.copies.locate(document_id, start)
        return self.places(document_id, [start])[0]

    def places(self, document_id: int, starts: Iterable[int]) -> list[Place]:
        """Where offsets of a document's text lie in its file."""
        path, text = self.document(document_id).path, self.text(document_id)
        stored = self.rows("SELECT lines, pages, labels FROM texts WHERE document = ?", [document_id])[0]
        lines, pages, labels = (json.loads(each or "[]") for each in stored)
        nearest = "SELECT ocr FROM chunks WHERE document = ? AND start <= ? ORDER BY start DESC LIMIT 1"
        return [
            Place(path, *place(text, start, lines, pages, labels), self.value(nearest, [document_id, start]))
            for start in starts
        ]

    def stored_path(self, path: Path) -> str:
        """The form in which a file's path is stored: relative to the project where it lies inside, one printable line."""
        path = path if path.is_absolute() else Path.cwd() / path
        return stored_name((path.relative_to(self.base) if path.is_relative_to(self.base) else path).as_posix())

    def file(self, document: Document) -> Path:
        """The file on disk."""
        return self.file_of(document.path)

    def file_of(self, path: str) -> Path:
        """The file on disk of a stored path."""
        return self.base / name_on_disk(path)


def place(
    text: str, start: int, lines: Sequence[Sequence[int]], pages: Sequence[int], labels: Sequence[str]
) -> tuple[int, int | None, str]:
    """(line, page, part) of an offset: see Extract for `lines`, `pages` and `labels`."""
    page = bisect_right(pages, start) if pages else None
    top = pages[page - 1] if page else 0
    at = bisect_right(lines, start, key=lambda pair: pair[0]) - 1
    told = bool(lines) and (lines[max(at, 0)][0] >= top or not page)
    line = lines[max(at, 0)][1] if told else text.count("\n", top, start) + 1
    return (line, None, labels[page - 1]) if labels and page else (line, page, "")


def _passage(row: tuple[Any, ...], spans: list[tuple[Any, ...]]) -> Passage:
    chunk, document, path, title, heading, text, start, line, page, part, ocr = row
    sentences = [
        Sentence(id, chunk, document, number, text[begin - start : end - start], begin, end, bool(citable), kind)
        for number, (id, begin, end, citable, kind) in enumerate(spans, 1)
    ]
    return Passage(chunk, document, path, title, heading, text, sentences, Place(path, line, page, part, ocr), start)
