"""Files to passages to vectors. What is done stays done: run it again after any end, and it goes on from there."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from agentflow.corpus.embedder import Embedder
from agentflow.corpus.files import Found, find_files, read_bytes
from agentflow.corpus.lock import writer_lock
from agentflow.corpus.parser import Parser
from agentflow.corpus.prepare import prepare
from agentflow.corpus.readers import VERSION, format_of
from agentflow.corpus.readers.unreadable import Skipped, Unreadable
from agentflow.corpus.store import Corpus
from agentflow.corpus.write import remove_documents, store_document, store_failure
from agentflow.database import readable
from agentflow.errors import AgentflowError
from agentflow.events import Progress, Sink, ignore


@dataclass(slots=True)
class IngestReport:
    """Paths as stored. `skipped` files are no text and are not recorded; `failed` ones are, with the reason."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    chunks: int = 0
    embedded: int = 0
    seconds: float = 0.0


async def ingest(
    corpus: Corpus, paths: Sequence[Path], *, embedder: Embedder | None, sink: Sink = ignore
) -> IngestReport:
    """Reads what is new or changed under `paths` and drops what vanished from there.

    Raises AgentflowError for a path that does not exist, when there is nothing to read at all, and while another
    process writes. One file's trouble never ends it.
    """
    started = time.monotonic()
    found = find_files(paths, state=corpus.path.parent)
    report = IngestReport()
    with writer_lock(corpus.path):
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


async def _read_files(corpus: Corpus, found: Found, parser: Parser, report: IngestReport, sink: Sink) -> None:
    known = {
        path: (sha256, error)
        for path, sha256, error in corpus.rows("SELECT path, sha256, error FROM documents WHERE reader = ?", [VERSION])
    }
    before = {path for (path,) in corpus.rows("SELECT path FROM documents WHERE error = ''")}
    for path, reason in found.failed:
        report.skipped.append((corpus.stored_path(path), reason))
    for number, path in enumerate(found.files, 1):
        await _read_file(corpus, path, known, before, parser, report)
        sink(Progress(task="files", done=number, total=len(found.files), unit="files"))
        await asyncio.sleep(0)  # where Ctrl-C gets in


async def _read_file(
    corpus: Corpus,
    path: Path,
    known: dict[str, tuple[str, str]],
    before: set[str],
    parser: Parser,
    report: IngestReport,
) -> None:
    stored, form, sha256 = corpus.stored_path(path), format_of(path), ""
    try:
        content, modified = read_bytes(path)
        sha256 = hashlib.sha256(content).hexdigest()
        if known.get(stored, ("", ""))[0] == sha256:
            if error := known[stored][1]:
                report.failed.append((stored, error))
            else:
                report.unchanged.append(stored)
            return
        prepared = prepare(await parser.read(form, content), PurePath(stored), modified)
    except Skipped as error:
        report.skipped.append((stored, str(error)))
        if stored in before:
            remove_documents(corpus, [stored])
            report.removed.append(stored)
    except (OSError, ValueError, Unreadable) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        store_failure(corpus, stored, form.kind, sha256, reason)
        report.failed.append((stored, reason))
    else:
        store_document(corpus, stored, form.kind, sha256, len(content), prepared)
        (report.changed if stored in before else report.added).append(stored)
        report.chunks += len(prepared.chunks)


def _remember(corpus: Corpus, roots: Sequence[Path]) -> None:
    with readable(corpus.path):
        for root in roots:
            corpus.db.conn.execute("INSERT OR IGNORE INTO corpus_roots (path) VALUES (?)", [corpus.stored_path(root)])


def _remove_vanished(corpus: Corpus, found: Found, report: IngestReport) -> None:
    """Documents under the named roots whose file is not there any more."""
    here = {corpus.stored_path(path) for path in [*found.files, *(path for path, _ in found.failed)]}
    roots = [corpus.stored_path(root) for root in found.roots]
    gone = [
        path
        for (path,) in corpus.rows("SELECT path FROM documents ORDER BY path")
        if path not in here
        and any(root == "." or path == root or path.startswith(f"{root}/") for root in roots)
        and not (root_outside(path, roots))
    ]
    remove_documents(corpus, gone)
    report.removed.extend(gone)


def root_outside(path: str, roots: Sequence[str]) -> bool:
    """`.` holds only what is stored relative to the project."""
    return path.startswith("/") and not any(path == root or path.startswith(f"{root}/") for root in roots)


def nothing_read(paths: Sequence[Path], report: IngestReport) -> AgentflowError:
    names = ", ".join(str(path) for path in paths)
    troubles = report.failed + report.skipped
    if not troubles:
        return AgentflowError(
            f"nothing to read in {names}", "name a folder with txt, md, rst, html, pdf, docx, csv or code files"
        )
    reasons = "; ".join(f"{Path(path).name}: {reason}" for path, reason in troubles[:3])
    return AgentflowError(
        f"none of the {len(troubles)} files in {names} could be read ({reasons})",
        "see `agentflow corpus status` for every file's reason",
    )
