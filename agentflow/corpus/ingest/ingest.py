"""Files to passages to vectors. What is done stays done: run it again after any end, and it goes on from there."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import NamedTuple

from agentflow.corpus.files.files import FoundFiles, existing, read_bytes
from agentflow.corpus.files.records import record_of, stored_record
from agentflow.corpus.files.unsupported import is_media, unsupported
from agentflow.corpus.files.walk import find_files
from agentflow.corpus.index.embedder import Embedder
from agentflow.corpus.index.words import word_index
from agentflow.corpus.ingest.in_order import in_order
from agentflow.corpus.ingest.lock import writer_turn
from agentflow.corpus.ingest.scans import await_scans, known_scans, recognise_waiting
from agentflow.corpus.ingest.write import remove_documents, store_document, store_failure, tidy_vectors
from agentflow.corpus.names import stored_name
from agentflow.corpus.parsing.parser import FileFacts, Parser, Preparer
from agentflow.corpus.parsing.prepare import Prepared
from agentflow.corpus.readers import VERSION, Format, format_of
from agentflow.corpus.readers.unreadable import Scanned, Skipped, Unreadable
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError
from agentflow.events import Progress, Sink, ignore


@dataclass(slots=True)
class IngestReport:
    """Paths as stored. `failed` ones are recorded with the reason; `skipped` files are no text and `ignored` files and
    folders are to be left alone, neither is recorded;
    `partly` pairs a document that was added or changed with what of it was not read; `links` were read where they lead."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[tuple[str, str]] = field(default_factory=list)
    partly: list[tuple[str, str]] = field(default_factory=list)
    links: list[Path] = field(default_factory=list)
    chunks: int = 0
    embedded: int = 0
    seconds: float = 0.0


async def ingest(
    corpus: Corpus,
    paths: Sequence[Path],
    *,
    embedder: Embedder | None,
    sink: Sink = ignore,
    elsewhere: Preparer | None = None,
) -> IngestReport:
    """Reads what is new or changed under `paths` and drops what vanished from there.

    `embedder` is an Embedder (agentflow/corpus/index/embedder.py); with None, search goes by words alone. Waits while another process writes. Raises AgentflowError for a path that does not exist and when there is nothing to
    read at all. One file's trouble never ends it. `elsewhere` prepares the files in place of this process.
    """
    started = time.monotonic()
    for path in paths:
        existing(path)
    async with writer_turn(corpus.path, sink):
        async with elsewhere or Parser() as parser:
            report = await read_files(corpus, paths, parser, sink=sink)
            await read_scans(corpus, await recognise_waiting(corpus, sink), parser, report)
        if embedder is not None:
            from agentflow.corpus.ingest.embedding import embed_pending

            tidy_vectors(corpus)
            report.embedded = await embed_pending(corpus, embedder, sink)
    report.seconds = time.monotonic() - started
    if not (report.added or report.changed or report.unchanged):
        raise nothing_read(paths, report)
    return report


async def read_files(
    corpus: Corpus, paths: Sequence[Path], parser: Preparer, *, only: frozenset[Path] | None = None, sink: Sink = ignore
) -> IngestReport:
    """What `ingest` does short of the vectors, with all that lies under `paths` or with the part of it at and under the
    absolute paths `only`, which need not exist any more. The caller holds the writer's lock."""
    started = time.monotonic()
    report = IngestReport()
    found = find_files(paths, state=corpus.path.parent, only=only)
    if only is None:
        _remember(corpus, found.roots)
    report.ignored = [(corpus.stored_path(path), reason) for path, reason in sorted(found.ignored.items())]
    report.links = found.links
    for path, reason in sorted({**found.failed, **found.unlisted}.items()):
        _fail(corpus, corpus.stored_path(path), "link" if path in found.failed else "folder", "", reason, report)
    async for number, look in in_order(lambda path: _look(corpus, path, parser), found.files, parser.ahead):
        _keep(corpus, found.files[number], look, report)
        sink(Progress(task="files", done=number + 1, total=len(found.files), unit="files"))
        await asyncio.sleep(0)  # where Ctrl-C gets in
    _remove_vanished(corpus, found, only, report)
    word_index(corpus).synchronise()
    report.seconds = time.monotonic() - started
    return report


async def read_scans(corpus: Corpus, paths: Sequence[str], parser: Preparer, report: IngestReport) -> None:
    """Reads documents (as stored) again, now that their scanned pages were recognised."""
    for path in paths:
        if _known(corpus, path) is None:
            continue  # it has gone since
        report.failed = [(name, reason) for name, reason in report.failed if name != path]
        report.partly = [(name, note) for name, note in report.partly if name != path]
        report.unchanged = [name for name in report.unchanged if name != path]
        file = corpus.file_of(path)
        _keep(corpus, file, await _look(corpus, file, parser, again=True), report)
    word_index(corpus).synchronise()


class KnownFile(NamedTuple):
    """What the corpus holds of a file: read by the present readers where `current`."""

    sha256: str
    error: str
    current: bool
    record: str


def _known(corpus: Corpus, stored: str) -> KnownFile | None:
    sql = "SELECT sha256, error, reader = ?, record FROM documents WHERE path = ?"
    rows = corpus.rows(sql, [VERSION, stored])
    return next((KnownFile(sha256, error, bool(current), record) for sha256, error, current, record in rows), None)


@dataclass(slots=True)
class Look:
    """What was found out about a file; nothing of it is stored yet. `same`: nothing has changed since it was read."""

    stored: str
    form: Format
    sha256: str = ""
    content: bytes = b""
    known: KnownFile | None = None
    same: bool = False
    prepared: Prepared | None = None
    error: Exception | None = None


async def _look(corpus: Corpus, path: Path, parser: Preparer, *, again: bool = False) -> Look:
    stored = corpus.stored_path(path)
    look = Look(stored, format_of(path), known=_known(corpus, stored))
    try:
        look.content, modified = read_bytes(path)
        look.form = format_of(path, look.content)
        look.sha256, record = hashlib.sha256(look.content).hexdigest(), record_of(path)
        if (known := look.known) and known.current and known.sha256 == look.sha256 and not again:
            look.same = bool(known.error) or known.record == stored_record(record)
        if not look.same:
            facts = FileFacts(stored, modified, record)
            look.prepared = await parser.prepare(look.form, look.content, known_scans(corpus, look.sha256), facts)
    except (OSError, ValueError, Unreadable) as error:
        look.error = error
    return look


def _keep(corpus: Corpus, path: Path, look: Look, report: IngestReport) -> None:
    stored, known, error = look.stored, look.known, look.error
    if known and look.same:
        if known.error:
            report.failed.append((stored, known.error))
        else:
            report.unchanged.append(stored)
    elif isinstance(error, Skipped):
        if reason := unsupported(path, look.content):
            _fail(corpus, stored, look.form.kind, look.sha256, reason, report)
        else:
            _skip(corpus, stored, str(error), report)
    elif error:
        if isinstance(error, Scanned):
            await_scans(corpus, look.sha256, error.pages)
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        if not look.content and is_media(path):
            _skip(corpus, stored, reason, report)
        else:
            _fail(corpus, stored, look.form.kind, look.sha256, reason, report)
    elif prepared := look.prepared:
        await_scans(corpus, look.sha256, prepared.extract.unseen)
        store_document(corpus, stored, look.form.kind, look.sha256, len(look.content), prepared)
        (report.changed if known and not known.error else report.added).append(stored)
        report.chunks += len(prepared.chunks)
        if note := prepared.extract.note:
            report.partly.append((stored, note))


def _fail(corpus: Corpus, stored: str, kind: str, sha256: str, reason: str, report: IngestReport) -> None:
    store_failure(corpus, stored, kind, sha256, reason)
    report.failed.append((stored, reason))


def _skip(corpus: Corpus, stored: str, reason: str, report: IngestReport) -> None:
    report.skipped.append((stored, reason))
    if _known(corpus, stored):
        remove_documents(corpus, [stored])
        report.removed.append(stored)


def _remember(corpus: Corpus, roots: Sequence[Path]) -> None:
    with corpus.writing() as database:
        for root in roots:
            database.execute("INSERT OR IGNORE INTO corpus_roots (path) VALUES (?)", [corpus.stored_path(root)])


def _remove_vanished(corpus: Corpus, found: FoundFiles, only: frozenset[Path] | None, report: IngestReport) -> None:
    """Documents under the named roots, of them those at and under `only`, whose file is not there any more."""
    here = {corpus.stored_path(path) for path in (*found.files, *found.failed, *found.unlisted)}
    gone = [
        path
        for path in _stored_under(corpus, only)
        if path not in here
        and is_under(corpus.file_of(path), found.roots)
        and not is_under(corpus.file_of(path), list(found.unlisted))
    ]
    remove_documents(corpus, gone)
    report.removed.extend(gone)


def _stored_under(corpus: Corpus, only: frozenset[Path] | None) -> list[str]:
    """Every document's path, or those at and under these."""
    if only is None or corpus.base in only:
        return [path for (path,) in corpus.rows("SELECT path FROM documents ORDER BY path")]
    under = "SELECT path FROM documents WHERE path = ? OR (path > ? AND path < ?)"
    names = map(corpus.stored_path, only)
    return sorted({path for name in names for (path,) in corpus.rows(under, [name, f"{name}/", f"{name}0"])})


def is_under(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def nothing_read(paths: Sequence[Path], report: IngestReport) -> AgentflowError:
    names = ", ".join(stored_name(str(path)) for path in paths)
    troubles = report.failed + report.skipped
    reasons = "; ".join(f"{PurePath(path).name}: {reason}" for path, reason in (troubles or report.ignored)[:3])
    if troubles:
        told = f"none of the {len(troubles)} files in {names} could be read ({reasons})"
        if len(troubles) == 1:
            told = f"the only file in {names} could not be read ({reasons})"
        return AgentflowError(told, "see `agentflow corpus status` for every file's reason")
    return AgentflowError(
        f"nothing to read in {names}{f': all of it is left out ({reasons})' if reasons else ''}",
        "name a folder with documents, such as pdf, docx, odt, pptx, xlsx, epub, html, md, txt, csv or code files",
    )
