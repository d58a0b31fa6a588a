"""What sites sent, kept as it came, so that a quote of theirs stays checkable whatever they say later.

It stands beside the corpus and not in it: no search of the project's own documents finds it. Ids of documents, passages and
sentences are negative here, so that Corpus knows which it is asked for.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from agentflow.corpus.document import Document
from agentflow.corpus.passage import Passage, Place, Sentence
from agentflow.corpus.site_passage import SiteDocument, SitePassage
from agentflow.errors import AgentflowError
from agentflow.storage.database import transaction

if TYPE_CHECKING:
    from sqlite_utils import Database

KEPT = "SELECT p.id, p.document, d.site, p.passage FROM site_passages p JOIN site_documents d ON d.id = p.document"
NUMBERED = 1000  # more sentences than a passage may have


class Received(NamedTuple):
    """A version of a document at a site. `path` is the site's own, `at` when its first passage came (ISO, UTC)."""

    id: int
    site: str
    path: str
    sha256: str
    author: str
    at: str


class SiteCopies:
    def __init__(self, db: "Database") -> None:
        self.db = db

    def keep(self, site: str, passages: Sequence[SitePassage]) -> list[Passage]:
        """The passages as they are known from now on. Raises AgentflowError when the site tells of one version of a
        document another text than before; then none is kept. The message goes on from the site's name."""
        with transaction(self.db):
            return [self._keep(site, passage) for passage in passages]

    def _keep(self, site: str, passage: SitePassage) -> Passage:
        document, end = self._version(site, passage.document), passage.start + len(passage.text)
        beside = self._rows(
            f"{KEPT} WHERE p.document = ? AND p.start < ? AND p.end > ?", [document, end, passage.start]
        )
        for row in beside:
            known = SitePassage.model_validate_json(row[-1])
            first, last = max(known.start, passage.start), min(known.start + len(known.text), end)
            if _slice(known, first, last) != _slice(passage, first, last):
                raise AgentflowError(
                    f"tells two texts for one place of {passage.document.path}",
                    "ask whoever runs it; the first is kept",
                )
            if known.start == passage.start and len(known.text) == len(passage.text):
                return _passage(*row)
        sql = "INSERT INTO site_passages (document, start, end, passage) VALUES (?, ?, ?, ?)"
        data = passage.model_dump_json()
        return _passage(self._insert(sql, [document, passage.start, end, data]), document, site, data)

    def _version(self, site: str, document: SiteDocument) -> int:
        key = [site, document.path, document.sha256]
        if known := self._rows("SELECT id FROM site_documents WHERE site = ? AND path = ? AND sha256 = ?", key):
            return int(known[0][0])
        received = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return self._insert(
            "INSERT INTO site_documents (site, path, sha256, title, kind, date, author, received)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [*key, document.title, document.kind, document.date, document.author, received],
        )

    def count(self, site: str, passages: int, holders: Mapping[str, int]) -> None:
        """In how many of its passages each word stands, by the site's own word."""
        rows = [(site, word, number) for word, number in {"": passages, **holders}.items()]
        with transaction(self.db):
            self.db.conn.executemany("INSERT OR REPLACE INTO site_words VALUES (?, ?, ?)", rows)

    def holders(self, word: str) -> int:
        """In how many passages of all sites a word stands, as far as they told; of the empty one, how many there are."""
        return int(self._rows("SELECT coalesce(sum(passages), 0) FROM site_words WHERE word = ?", [word])[0][0])

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """Those that are known, in no order."""
        wanted = [-id for id in ids]
        rows = self._rows(f"{KEPT} WHERE p.id IN ({', '.join('?' * len(wanted))})", wanted)
        return [_passage(*row) for row in rows]

    def of_document(self, id: int) -> list[Passage]:
        """All that is known of a document, in its order."""
        return [_passage(*row) for row in self._rows(f"{KEPT} WHERE p.document = ? ORDER BY p.start", [-id])]

    def document(self, id: int) -> Document:
        rows = self._rows("SELECT site, path, title, kind, sha256, date FROM site_documents WHERE id = ?", [-id])
        if not rows:
            raise AgentflowError(f"no document {id} of a site is known", "search again")
        site, path, title, kind, sha256, date = rows[0]
        return Document(id, f"{site}:{path}", title, kind, sha256, date, 0, 0, 0, "")

    def text(self, id: int) -> str:
        """Blank where the site has sent nothing, so that offsets are the site's."""
        known = ""
        for passage in self.of_document(id):
            end = passage.start + len(passage.text)
            known = known[: passage.start].ljust(passage.start) + passage.text + known[end:]
        return known

    def locate(self, id: int, start: int) -> Place:
        """Of the last sentence that begins at an offset or before it."""
        rows = self._rows(f"{KEPT} WHERE p.document = ? AND p.start <= ? ORDER BY p.start DESC LIMIT 1", [-id, start])
        if not rows:
            raise AgentflowError(f"nothing is known of document {id} at {start}", "search again")
        _, _, site, data = rows[0]
        known = SitePassage.model_validate_json(data)
        sentence = next((each for each in reversed(known.sentences) if each.start <= start), known.sentences[0])
        return sentence.place(f"{site}:{known.document.path}", known.ocr)

    def received(self, paths: Iterable[str]) -> dict[str, list[Received]]:
        """By the path that citations give, the newest version last; of paths of sites alone."""
        wanted = list(dict.fromkeys(paths))
        named = f"site || ':' || path IN ({', '.join('?' * len(wanted))})"
        found: dict[str, list[Received]] = {}
        for row in self._rows(
            f"SELECT -id, site, path, sha256, author, received FROM site_documents WHERE {named} ORDER BY id", wanted
        ):
            found.setdefault(f"{row[1]}:{row[2]}", []).append(Received(*row))
        return found

    def _rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self.db.conn.execute(sql, parameters).fetchall()

    def _insert(self, sql: str, parameters: Sequence[Any]) -> int:
        return int(self.db.conn.execute(sql, parameters).lastrowid or 0)


def _slice(passage: SitePassage, first: int, last: int) -> str:
    return passage.text[first - passage.start : last - passage.start]


def _passage(id: int, document: int, site: str, data: str) -> Passage:
    kept = SitePassage.model_validate_json(data)
    path = f"{site}:{kept.document.path}"
    sentences = [
        Sentence(
            -(id * NUMBERED + number), -id, -document, number, _slice(kept, one.start, one.end), one.start, one.end,
            one.citable, one.kind,
        )
        for number, one in enumerate(kept.sentences, 1)
    ]  # fmt: skip
    place = kept.sentences[0].place(path, kept.ocr)
    return Passage(-id, -document, path, kept.document.title, kept.heading, kept.text, sentences, place, kept.start)
