"""BM25 by tantivy: an index beside the database, for corpora where FTS5, which scores every match, is slow.

One field holds the title three times, then heading and text, so that a document's score is FTS5's with its weights: term
counts are summed over the columns before BM25. FTS5 stays: it answers while this index lags behind, as in an ingest.
"""

import random
import re
import shutil
from collections.abc import Collection, Sequence
from typing import Any

from agentflow.corpus.german import beginnings
from agentflow.corpus.index.lexical import TITLE, bm25
from agentflow.corpus.store import Corpus
from agentflow.corpus.terms import forms_of, indexed, numbered, query_terms
from agentflow.errors import AgentflowError
from agentflow.text.fold import unaccented

BATCH = 5000
HEAP = 64_000_000  # bytes of the writer
SAMPLE = 200
ANALYZER = "agentflow"
LETTERS = r"[\p{L}\p{N}\p{Co}\p{M}]+"  # what FTS5 takes for a word's characters (migrations.py)


class TantivyWords:
    name = "tantivy"

    def __init__(self, corpus: Corpus) -> None:
        try:
            import tantivy
        except ImportError as error:
            raise AgentflowError(
                "the tantivy package is not installed, and this corpus's word index is tantivy's",
                "pip install 'agentflow[tantivy]', or agentflow corpus rebuild --words fts5",
            ) from error
        self.tantivy = tantivy
        self.corpus = corpus
        self.folder = corpus.path.parent / "words"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("chunk", stored=True, indexed=True, fast=True)
        builder.add_unsigned_field("document", indexed=True, fast=True)
        builder.add_text_field("words", tokenizer_name=ANALYZER, index_option="position")
        self.schema = builder.build()
        self.analyzer = (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(LETTERS))
            .filter(tantivy.Filter.lowercase())
            .filter(tantivy.Filter.stemmer("english"))
            .build()
        )
        try:
            self.index = tantivy.Index(self.schema, path=str(self.folder))
        except (ValueError, OSError) as error:
            raise damaged(self, error) from error
        self.index.register_tokenizer(ANALYZER, self.analyzer)

    def search(self, query: str, k: int, documents: Collection[int] | None = None) -> list[tuple[int, float]]:
        if not query_terms(query):
            return []
        newest = self.corpus.value("SELECT max(id) FROM chunks") or 0
        if self.newest() < newest:
            self.index.reload()
            if self.newest() < newest:
                return bm25(self.corpus, query, k, documents)
        wanted = self.parsed(query)
        if documents is not None:
            within = self.tantivy.Query.const_score_query(
                self.tantivy.Query.term_set_query(self.schema, "document", list(documents)), 0.0
            )
            must = self.tantivy.Occur.Must
            wanted = self.tantivy.Query.boolean_query([(must, wanted), (must, within)])
        found = self._hits(wanted, k)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def parsed(self, query: str) -> Any:
        """Any of the query's words, identifiers in a row, words with their number."""
        clauses = []
        for term in query_terms(query):
            forms, goes_on = forms_of(term)
            clauses += [self._phrase(form, goes_on) for form in forms]
        clauses += [self._phrase(pair, False) for pair in numbered(query)]
        clauses += [self._phrase(beginning, True) for beginning in beginnings(query)]
        should = self.tantivy.Occur.Should
        return self.tantivy.Query.boolean_query([(should, clause) for clause in clauses if clause is not None])

    def _phrase(self, form: str, goes_on: bool) -> Any:
        words = self.analyzer.analyze(unaccented(form))
        query = self.tantivy.Query
        if not words:
            return None
        if goes_on:
            return query.regex_query(self.schema, "words", f"{re.escape(words[-1])}.*")
        if len(words) == 1:
            return query.term_query(self.schema, "words", words[0])
        return query.phrase_query(self.schema, "words", [*words])

    def _hits(self, query: Any, k: int, **order: Any) -> list[tuple[int, float]]:
        searcher = self.index.searcher()
        try:
            hits = searcher.search(query, k, **order).hits
            return [(searcher.doc(address)["chunk"][0], float(score)) for score, address in hits]
        except (ValueError, OSError) as error:
            raise damaged(self, error) from error

    def newest(self) -> int:
        """The newest passage in the index, 0 for none: ids only grow."""
        searcher = self.index.searcher()
        if not searcher.num_docs:
            return 0
        return self._hits(self.tantivy.Query.all_query(), 1, order_by_field="chunk")[0][0]

    def synchronise(self) -> None:
        """Commits of tantivy are whole: after a kill the index says itself how far it is."""
        self.index.reload()
        gone = [chunk for (chunk,) in self.corpus.rows("SELECT chunk FROM words_gone")]
        if gone or self.newest() < (self.corpus.value("SELECT max(id) FROM chunks") or 0):
            self._write(gone)
        with self.corpus.writing() as database:
            database.executemany("DELETE FROM words_gone WHERE chunk = ?", [(chunk,) for chunk in gone])

    def _write(self, gone: Sequence[int]) -> None:
        writer = self.index.writer(HEAP, 1)
        for chunk in gone:
            writer.delete_documents_by_query(self.tantivy.Query.term_query(self.schema, "chunk", chunk))
        last = self.newest()
        while rows := self.corpus.rows(
            "SELECT id, document, title, heading, text FROM chunks WHERE id > ? ORDER BY id LIMIT ?", [last, BATCH]
        ):
            for chunk, document, title, heading, text in rows:
                words = unaccented(indexed("\n".join([*[title] * int(TITLE), heading, text])))
                added = self.tantivy.Document()
                added.add_unsigned("chunk", chunk)
                added.add_unsigned("document", document)
                added.add_text("words", words)
                writer.add_document(added)
            last = rows[-1][0]
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def rebuild(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        with self.corpus.writing() as database:
            database.execute("DELETE FROM words_gone")
        self.__init__(self.corpus)  # type: ignore[misc]
        self.synchronise()

    def check(self) -> tuple[str, str]:
        """Counts, and a sample of passages is there."""
        self.index.reload()
        waiting = self.corpus.value("SELECT count(*) FROM chunks WHERE id > ?", [self.newest()])
        surplus = self.corpus.value("SELECT count(*) FROM words_gone WHERE chunk <= ?", [self.newest()])
        passages = self.corpus.value("SELECT count(*) FROM chunks")
        held = self.index.searcher().num_docs
        ids = [chunk for (chunk,) in self.corpus.rows("SELECT id FROM chunks WHERE id <= ?", [self.newest()])]
        sample = random.sample(ids, min(SAMPLE, len(ids)))
        term = self.tantivy.Query.term_query
        lost = sum(not self._hits(term(self.schema, "chunk", chunk), 1) for chunk in sample)
        problems = [
            f"{held:,} entries for {passages:,} passages" if held != passages - waiting + surplus else "",
            f"{lost} of a sample of {len(sample)} are missing" if lost else "",
            f"{waiting:,} passages are not in it yet: run ingest again" if waiting else "",
        ]
        return f"{held:,} entries of tantivy", "; ".join(filter(None, problems))


def damaged(index: TantivyWords, error: Exception) -> AgentflowError:
    return AgentflowError(
        f"the word index {index.folder} cannot be read ({error})", "rebuild it: agentflow corpus rebuild"
    )
