"""Files to passages to vectors. What is done stays done: run it again after any end, and it goes on from there."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from agentflow.corpus.embedder import Embedder
from agentflow.corpus.files import FoundFiles, existing, read_bytes
from agentflow.corpus.lock import writer_turn
from agentflow.corpus.names import stored_name
from agentflow.corpus.parser import Parser
from agentflow.corpus.prepare import prepare
from agentflow.corpus.readers import VERSION, format_of
from agentflow.corpus.readers.unreadable import Skipped, Unreadable
from agentflow.corpus.store import Corpus
from agentflow.corpus.unsupported import is_media, unsupported
from agentflow.corpus.walk import find_files
from agentflow.corpus.write import remove_documents, store_document, store_failure
from agentflow.errors import AgentflowError
from agentflow.events import Progress, Sink, ignore
from agentflow.storage.database import readable


@dataclass(slots=True)
class IngestReport:
    """Paths as stored. `failed` ones are recorded with the reason; `skipped` files are no text and `ignored` files and
    folders are to be left alone, neither is recorded;
    `partly` pairs a document that was added or changed with what of it was not read."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[tuple[str, str]] = field(default_factory=list)
    partly: list[tuple[str, str]] = field(default_factory=list)
    chunks: int = 0
    embedded: int = 0
    seconds: float = 0.0


async def ingest(
    corpus: Corpus, paths: Sequence[Path], *, embedder: Embedder | None, sink: Sink = ignore
) -> IngestReport:
    """Reads what is new or changed under `paths` and drops what vanished from there.

    `embedder` is anything with `name`, `dimension` and `async embed(texts)`; with None, search goes by words alone. Waits while another process writes. Raises AgentflowError for a path that does not exist and when there is nothing to
    read at all. One file's trouble never ends it.
    """
    started = time.monotonic()
    for path in paths:
        existing(path)
    report = IngestReport()
    async with writer_turn(corpus.path, sink):
        found = find_files(paths, state=corpus.path.parent)
        _remember(corpus, found.roots)
        async with Parser() as parser:
            await _read_files(corpus, found, parser, report, sink)
        _remove_vanished(corpus, found, report)
        if embedder is not None:
            from agentflow.corpus.embedding import embed_pending

            report.embedded = await embed_pending(corpus, embedder, sink)
    report.seconds = time.monotonic() - started
    if not (report.added or report.changed or report.unchanged):
        raise nothing_read(paths, report)
    return report


async def _read_files(corpus: Corpus, found: FoundFiles, parser: Parser, report: IngestReport, sink: Sink) -> None:
    known = Known(corpus)
    report.ignored = [(corpus.stored_path(path), reason) for path, reason in sorted(found.ignored.items())]
    for path, reason in sorted({**found.failed, **found.unlisted}.items()):
        _fail(corpus, corpus.stored_path(path), "link" if path in found.failed else "folder", "", reason, report)
    for number, path in enumerate(found.files, 1):
        await _read_file(corpus, path, known, parser, report)
        sink(Progress(task="files", done=number, total=len(found.files), unit="files"))
        await asyncio.sleep(0)  # where Ctrl-C gets in


class Known:
    """What the corpus held before: `read` by the present readers with hash and error, all `paths`, the `whole` ones."""

    def __init__(self, corpus: Corpus) -> None:
        rows = corpus.rows("SELECT path, sha256, error, reader FROM documents")
        self.read = {path: (sha256, error) for path, sha256, error, reader in rows if reader == VERSION}
        self.paths = {path for path, *_ in rows}
        self.whole = {path for path, _, error, _ in rows if not error}


async def _read_file(corpus: Corpus, path: Path, known: Known, parser: Parser, report: IngestReport) -> None:
    stored, form, sha256, content = corpus.stored_path(path), format_of(path), "", b""
    try:
        content, modified = read_bytes(path)
        sha256 = hashlib.sha256(content).hexdigest()
        if known.read.get(stored, ("", ""))[0] == sha256:
            if error := known.read[stored][1]:
                report.failed.append((stored, error))
            else:
                report.unchanged.append(stored)
            return
        prepared = prepare(await parser.read(form, content), PurePath(stored), modified)
    except Skipped as error:
        if reason := unsupported(path, content):
            _fail(corpus, stored, form.kind, sha256, reason, report)
        else:
            _skip(corpus, stored, str(error), known, report)
    except (OSError, ValueError, Unreadable) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        if not content and is_media(path):
            _skip(corpus, stored, reason, known, report)
        else:
            _fail(corpus, stored, form.kind, sha256, reason, report)
    else:
        store_document(corpus, stored, form.kind, sha256, len(content), prepared)
        (report.changed if stored in known.whole else report.added).append(stored)
        report.chunks += len(prepared.chunks)
        if note := prepared.extract.note:
            report.partly.append((stored, note))


def _fail(corpus: Corpus, stored: str, kind: str, sha256: str, reason: str, report: IngestReport) -> None:
    store_failure(corpus, stored, kind, sha256, reason)
    report.failed.append((stored, reason))


def _skip(corpus: Corpus, stored: str, reason: str, known: Known, report: IngestReport) -> None:
    report.skipped.append((stored, reason))
    if stored in known.paths:
        remove_documents(corpus, [stored])
        report.removed.append(stored)


def _remember(corpus: Corpus, roots: Sequence[Path]) -> None:
    with readable(corpus.path):
        for root in roots:
            corpus.db.conn.execute("INSERT OR IGNORE INTO corpus_roots (path) VALUES (?)", [corpus.stored_path(root)])


def _remove_vanished(corpus: Corpus, found: FoundFiles, report: IngestReport) -> None:
    """Documents under the named roots whose file is not there any more."""
    here = {corpus.stored_path(path) for path in (*found.files, *found.failed, *found.unlisted)}
    gone = [
        path
        for (path,) in corpus.rows("SELECT path FROM documents ORDER BY path")
        if path not in here
        and is_under(corpus.file_of(path), found.roots)
        and not is_under(corpus.file_of(path), list(found.unlisted))
    ]
    remove_documents(corpus, gone)
    report.removed.extend(gone)


def is_under(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def nothing_read(paths: Sequence[Path], report: IngestReport) -> AgentflowError:
    names = ", ".join(stored_name(str(path)) for path in paths)
    troubles = report.failed + report.skipped
    reasons = "; ".join(f"{PurePath(path).name}: {reason}" for path, reason in (troubles or report.ignored)[:3])
    if troubles:
        return AgentflowError(
            f"none of the {len(troubles)} files in {names} could be read ({reasons})",
            "see `agentflow corpus status` for every file's reason",
        )
    return AgentflowError(
        f"nothing to read in {names}{f': all of it is left out ({reasons})' if reasons else ''}",
        "name a folder with documents, such as pdf, docx, odt, pptx, xlsx, epub, html, md, txt, csv or code files",
    )
