"""Pages that only text recognition can read: page by page, each kept, so that it goes on where it was stopped."""

import hashlib
import importlib.util
import json
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext

from agentflow.corpus.files.files import read_bytes
from agentflow.corpus.parsing.parser import Parser
from agentflow.corpus.readers import Scans
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.store import Corpus
from agentflow.events import Progress, Sink

SECONDS = 300.0  # for one page, on a busy machine
CHILD = "agentflow.corpus.readers.recognise"
WAITING = (
    "SELECT min(path), sha256, page FROM scans JOIN documents USING (sha256) WHERE pieces IS NULL GROUP BY sha256, page"
)


def can_recognise() -> bool:
    """The extra `ocr` is installed."""
    return importlib.util.find_spec("rapidocr") is not None


def known_scans(corpus: Corpus, sha256: str) -> Scans:
    rows = corpus.rows("SELECT page, pieces FROM scans WHERE sha256 = ? AND pieces IS NOT NULL", [sha256])
    return {page: json.loads(pieces) for page, pieces in rows}


def await_scans(corpus: Corpus, sha256: str, pages: Iterable[int]) -> None:
    """Notes that these pages of a file are to be recognised."""
    with corpus.writing() as database:
        database.executemany(
            "INSERT OR IGNORE INTO scans (sha256, page) VALUES (?, ?)", [(sha256, page) for page in pages]
        )


async def recognise_waiting(
    corpus: Corpus, sink: Sink, turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
) -> list[str]:
    """Paths of the documents whose waiting pages were recognised: they are to be read again. A page that cannot be is
    kept as an empty one. `turn` as in `embed_pending`."""
    if not can_recognise() or not (waiting := corpus.rows(f"{WAITING} ORDER BY 1, page")):
        return []
    async with Parser(SECONDS, CHILD) as parser:
        for number, (path, sha256, page) in enumerate(waiting, 1):
            try:
                content, _ = read_bytes(corpus.file_of(path))
                if hashlib.sha256(content).hexdigest() != sha256:
                    continue  # it has changed since; the next look at its folder says so
                pieces = (await parser.ask({"page": page}, content))["pieces"]
            except (OSError, ValueError):
                continue
            except Unreadable:
                pieces = []
            async with turn():
                _keep(corpus, sha256, page, json.dumps(pieces))
            sink(Progress(task="recognition", done=number, total=len(waiting), unit="pages"))
    marks = ", ".join("?" * len(hashes := {sha256 for _, sha256, _ in waiting}))
    found = corpus.rows(f"SELECT path FROM documents WHERE sha256 IN ({marks}) ORDER BY path", list(hashes))
    return [path for (path,) in found]


def _keep(corpus: Corpus, sha256: str, page: int, pieces: str) -> None:
    with corpus.writing() as database:
        database.execute("UPDATE scans SET pieces = ? WHERE sha256 = ? AND page = ?", [pieces, sha256, page])
