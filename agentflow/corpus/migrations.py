"""The corpus tables, one function a change; never edit one that has been released."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

SCHEMA = """
CREATE TABLE corpus_roots (path TEXT PRIMARY KEY, added TEXT NOT NULL DEFAULT current_timestamp);

-- One row a file, also for one that could not be read (`error`). `path` is relative to the project where it lies inside.
CREATE TABLE documents (
  id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, title TEXT NOT NULL, kind TEXT NOT NULL,
  sha256 TEXT NOT NULL, date TEXT NOT NULL, bytes INTEGER NOT NULL, pages INTEGER NOT NULL DEFAULT 0,
  chunks INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', reader INTEGER NOT NULL
);

-- The text that every offset points into; `lines` and `pages` are JSON, null where line ends can be counted.
CREATE TABLE texts (
  document INTEGER PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE, text TEXT NOT NULL, lines TEXT, pages TEXT
);

-- Ids are never used twice, so that a stale entry of an index cannot name another passage.
CREATE TABLE chunks (
  id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
  number INTEGER NOT NULL, title TEXT NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL,
  start INTEGER NOT NULL, line INTEGER NOT NULL, page INTEGER, hash BLOB NOT NULL, indexed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX chunks_document ON chunks(document);
CREATE INDEX chunks_hash ON chunks(hash);
CREATE INDEX chunks_pending ON chunks(id) WHERE indexed = 0;

CREATE TABLE sentences (
  id INTEGER PRIMARY KEY AUTOINCREMENT, chunk INTEGER NOT NULL REFERENCES chunks(id) ON DELETE CASCADE,
  start INTEGER NOT NULL, end INTEGER NOT NULL
);
CREATE INDEX sentences_chunk ON sentences(chunk);

-- float32 rows of length 1, kept by the hash of the embedded text: the same text is never embedded twice.
CREATE TABLE vectors (hash BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;

-- Passages to be dropped from the vector index.
CREATE TABLE unindexed (chunk INTEGER PRIMARY KEY);

CREATE TABLE corpus_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def m001_documents_chunks_sentences(db: "Database") -> None:
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            db.execute(statement)
    db.table("chunks").enable_fts(
        ["title", "heading", "text"], tokenize="porter unicode61 remove_diacritics 2", create_triggers=True
    )


def m002_citable(db: "Database") -> None:
    """Which sentences are more than a heading; those of documents that are not read again count as all citable."""
    db.execute("ALTER TABLE sentences ADD COLUMN citable INTEGER NOT NULL DEFAULT 1")


WORD_INDEX = """
DROP TRIGGER IF EXISTS chunks_ai;
DROP TRIGGER IF EXISTS chunks_ad;
DROP TRIGGER IF EXISTS chunks_au;
DROP TABLE IF EXISTS chunks_fts;

-- `indexed` is the function of agentflow.corpus.terms: the index holds words in one form, the tables hold the text as it is.
CREATE VIEW chunks_words AS
  SELECT id, indexed(title) AS title, indexed(heading) AS heading, indexed(text) AS text FROM chunks;
CREATE VIRTUAL TABLE chunks_fts USING fts5(
  title, heading, text, content='chunks_words', content_rowid='id',
  tokenize="porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
);
CREATE TRIGGER chunks_words_added AFTER INSERT ON chunks BEGIN
  INSERT INTO chunks_fts (rowid, title, heading, text)
  VALUES (new.id, indexed(new.title), indexed(new.heading), indexed(new.text)); END;
CREATE TRIGGER chunks_words_removed AFTER DELETE ON chunks BEGIN
  INSERT INTO chunks_fts (chunks_fts, rowid, title, heading, text)
  VALUES ('delete', old.id, indexed(old.title), indexed(old.heading), indexed(old.text)); END;
CREATE TRIGGER chunks_words_changed AFTER UPDATE OF title, heading, text ON chunks BEGIN
  INSERT INTO chunks_fts (chunks_fts, rowid, title, heading, text)
  VALUES ('delete', old.id, indexed(old.title), indexed(old.heading), indexed(old.text));
  INSERT INTO chunks_fts (rowid, title, heading, text)
  VALUES (new.id, indexed(new.title), indexed(new.heading), indexed(new.text)); END;
"""


def m003_words_in_one_form(db: "Database") -> None:
    """Words of any script and spelling; Corpus.open fills the index, as whenever `indexed` has changed."""
    for statement in re.split(r";\n(?=\n|CREATE|DROP|$)", WORD_INDEX):
        if statement.strip():
            db.execute(statement)


def m004_notes(db: "Database") -> None:
    """What of a document was not read, though the rest of it was."""
    db.execute("ALTER TABLE documents ADD COLUMN note TEXT NOT NULL DEFAULT ''")


def m005_parts(db: "Database") -> None:
    """Slides, sheets, chapters and messages, named as pages are numbered; who wrote a document and its tags (JSON)."""
    db.execute("ALTER TABLE texts ADD COLUMN labels TEXT")
    db.execute("ALTER TABLE chunks ADD COLUMN part TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE documents ADD COLUMN author TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE documents ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'")


def m006_origins(db: "Database") -> None:
    """Where an archived page was fetched from. Of one address the newest copy is `current`; older ones stay, for quotes."""
    db.execute(
        "CREATE TABLE origins (path TEXT PRIMARY KEY, url TEXT NOT NULL, asked TEXT NOT NULL, retrieved TEXT NOT NULL,"
        " sha256 TEXT NOT NULL, current INTEGER NOT NULL DEFAULT 1)"
    )
    db.execute("CREATE INDEX origins_asked ON origins(asked)")


def m007_word_index_beside(db: "Database") -> None:
    """Passages to be dropped from a word index beside the database, where one is used."""
    db.execute("CREATE TABLE words_gone (chunk INTEGER PRIMARY KEY)")
    db.execute(
        "CREATE TRIGGER chunks_words_gone AFTER DELETE ON chunks"
        " WHEN EXISTS (SELECT 1 FROM corpus_meta WHERE name = 'word index' AND value != 'fts5')"
        " BEGIN INSERT OR IGNORE INTO words_gone VALUES (old.id); END"
    )


def m008_scans(db: "Database") -> None:
    """Pages for text recognition, by the hash of their file: the lines found (JSON), null while they wait; the
    confidence of passages that came from one."""
    db.execute("CREATE TABLE scans (sha256 TEXT, page INTEGER, pieces TEXT, PRIMARY KEY (sha256, page)) WITHOUT ROWID")
    db.execute("ALTER TABLE chunks ADD COLUMN ocr REAL")


def m009_kinds(db: "Database") -> None:
    """What each sentence is: prose, an item of a list, a line of code. Documents are read again for it."""
    db.execute("ALTER TABLE sentences ADD COLUMN kind TEXT NOT NULL DEFAULT 'prose'")


def m010_records(db: "Database") -> None:
    """The bibliographic record of a document, where one lies beside it (CSL-JSON)."""
    db.execute("ALTER TABLE documents ADD COLUMN record TEXT NOT NULL DEFAULT ''")


def m011_sites(db: "Database") -> None:
    """What other sites sent: versions of their documents, and passages of these as JSON; in how many of a site's passages a
    word stands (the empty word: how many there are)."""
    db.execute(
        "CREATE TABLE site_documents (id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, path TEXT NOT NULL,"
        " sha256 TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL, date TEXT NOT NULL, author TEXT NOT NULL,"
        " received TEXT NOT NULL, UNIQUE (site, path, sha256))"
    )
    db.execute(
        "CREATE TABLE site_passages (id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES"
        " site_documents(id) ON DELETE CASCADE, start INTEGER NOT NULL, end INTEGER NOT NULL, passage TEXT NOT NULL,"
        " UNIQUE (document, start, end))"
    )
    db.execute(
        "CREATE TABLE site_words (site TEXT, word TEXT, passages INTEGER, PRIMARY KEY (word, site)) WITHOUT ROWID"
    )


ASKS = "substr(heading, -1) IN ('?', '？', '؟')"  # as it stands in the queries, or the index is not used


def m012_asking(db: "Database") -> None:
    """The headings that ask something are found without a look at every passage."""
    db.execute(f"CREATE INDEX chunks_asking ON chunks (document, heading) WHERE {ASKS}")


def m013_dated(db: "Database") -> None:
    """Whether a document's date is its own, and not that of its file."""
    db.execute("ALTER TABLE documents ADD COLUMN dated INTEGER NOT NULL DEFAULT 1")


MIGRATIONS = [
    m001_documents_chunks_sentences,
    m002_citable,
    m003_words_in_one_form,
    m004_notes,
    m005_parts,
    m006_origins,
    m007_word_index_beside,
    m008_scans,
    m009_kinds,
    m010_records,
    m011_sites,
    m012_asking,
    m013_dated,
]
