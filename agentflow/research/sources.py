"""The files behind a report: which have changed or gone since they were read, and which could not be read at all."""

import asyncio
import hashlib
from collections.abc import Iterable

from agentflow.context import Context
from agentflow.corpus.files import read_bytes
from agentflow.corpus.store import Corpus
from agentflow.research.contract import Findings, Unread


async def with_sources(context: Context, findings: Findings) -> Findings:
    """Marks the quotes whose file is not what was read, and names the files that were not. Recorded, for a replay."""
    paths = sorted({quote.path for quote in findings.evidence})

    async def perform() -> dict[str, object]:
        since = await asyncio.to_thread(changed, context.corpus, paths)
        unread = [*context.corpus.failed(), *context.corpus.partly()]
        return {"since": since, "unread": [[path, reason] for path, reason in unread]}

    found, _ = await context.journal.call("read", "sources", {"paths": paths}, perform)
    quotes = [quote.model_copy(update={"file": found["since"].get(quote.path, "same")}) for quote in findings.evidence]
    unread = [Unread(path=path, reason=reason) for path, reason in found["unread"]]
    return findings.model_copy(update={"evidence": quotes, "unread": unread})


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
