"""The files behind a report: which have changed or gone since they were read, and which could not be read at all."""

import asyncio
import hashlib
import json
from collections.abc import Iterable
from typing import Literal

from agentflow.context import Context
from agentflow.corpus.files.files import read_bytes
from agentflow.corpus.origins import origins_of
from agentflow.corpus.store import Corpus
from agentflow.research.report.schema import Findings, Unread

Kind = Literal["document", "web", "site"]

SMALL = 50_000_000  # bytes that are read again in a blink
SHOWN = 3


async def with_sources(context: Context, findings: Findings) -> Findings:
    """Marks the quotes whose file is not what was read, notes other such files, and names those that were not read.

    Recorded, for a replay.
    """
    copies = context.corpus.copies.received(quote.path for quote in findings.evidence)
    paths = sorted({quote.path for quote in findings.evidence} - copies.keys())

    async def perform() -> dict[str, object]:
        since = await asyncio.to_thread(changed, context.corpus, {*paths, *suspects(context.corpus)})
        unread = [*context.corpus.failed(), *context.corpus.partly()]
        marks = ", ".join("?" * len(paths))
        rows = context.corpus.rows(f"SELECT path, author, record FROM documents WHERE path IN ({marks})", paths)
        origins = {path: [origin.url, origin.retrieved] for path, origin in origins_of(context.corpus, paths).items()}
        hashes = {
            str(quote.id): version_of(context.corpus, quote.path, quote.start, quote.quote)
            for quote in findings.evidence
            if quote.path in paths
        }
        return {
            "since": since,
            "hashes": hashes,
            "unread": [[path, reason] for path, reason in unread],
            "origins": origins,
            "authors": {path: author for path, author, _ in rows},
            "records": {path: json.loads(record) for path, _, record in rows if record},
        }

    found, _ = await context.journal.call("read", "sources", {"paths": paths}, perform)
    origins, authors, records, hashes = (
        found.get(name, {})
        for name in ("origins", "authors", "records", "hashes")  # not in older runs
    )
    quotes = []
    for quote in findings.evidence:
        url, retrieved = origins.get(quote.path, ("", ""))
        known = {"file": found["since"].get(quote.path, "same"), "author": authors.get(quote.path, "")}
        known |= {"record": records.get(quote.path), "sha256": hashes.get(str(quote.id), "")}
        if quote.path in copies:
            version = copies[quote.path][-1]
            known, retrieved = {"site": version.site, "author": version.author}, version.at
        quotes.append(quote.model_copy(update={**known, "url": url, "retrieved": retrieved}))
    kinds: dict[int, Kind] = {
        quote.id: "site" if quote.site else "web" if quote.url else "document" for quote in quotes
    }
    claims = [
        claim.model_copy(update={"sources": list(dict.fromkeys(kinds[id] for id in claim.evidence))})
        for claim in findings.claims
    ]
    unread = [Unread(path=path, reason=reason) for path, reason in found["unread"]] + findings.unread
    notes = findings.notes + _note(found["since"])
    return findings.model_copy(update={"claims": claims, "evidence": quotes, "unread": unread, "notes": notes})


def version_of(corpus: Corpus, path: str, start: int, quote: str) -> str:
    """sha256 of the document that has the quote at this offset now; empty where none has."""
    sql = """SELECT sha256 FROM documents JOIN texts ON texts.document = documents.id
             WHERE path = ? AND error = '' AND substr(text, ?, ?) = ?"""
    return corpus.value(sql, [path, start + 1, len(quote), quote]) or ""


def _note(since: dict[str, str]) -> list[str]:
    if not since:
        return []
    named = ", ".join(f"{path} ({state})" for path, state in sorted(since.items())[:SHOWN])
    more = f" and {len(since) - SHOWN:,} more" if len(since) > SHOWN else ""
    return [f"changed or gone since it was read: {named}{more}; run `agentflow ingest` on it and ask again"]


def suspects(corpus: Corpus) -> list[str]:
    """What may not be as it was read: of a small corpus every document, of a large one those of another size."""
    rows = corpus.rows("SELECT path, bytes FROM documents WHERE error = ''")
    if sum(size for _, size in rows) <= SMALL:
        return [path for path, _ in rows]
    return [path for path, size in rows if _size(corpus, path) != size]


def _size(corpus: Corpus, path: str) -> int:
    try:
        return corpus.file_of(path).stat().st_size
    except OSError:
        return -1


def changed(corpus: Corpus, paths: Iterable[str]) -> dict[str, str]:
    """`changed` or `gone` for each stored path whose file does not hold what the corpus read from it."""
    found = {}
    for path in paths:
        known = corpus.value("SELECT sha256 FROM documents WHERE path = ?", [path])
        try:
            content, _ = read_bytes(corpus.file_of(path))
        except FileNotFoundError:
            found[path] = "gone"
        except (OSError, ValueError):
            found[path] = "changed"
        else:
            if hashlib.sha256(content).hexdigest() != known:
                found[path] = "changed"
    return found
