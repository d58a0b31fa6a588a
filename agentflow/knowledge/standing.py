"""Does what is known still stand? Each quote is looked up again in its document as it is now."""

from collections.abc import Iterable

from agentflow.corpus.origins import origins_of
from agentflow.corpus.store import Corpus
from agentflow.knowledge.known_claim import KnownClaim
from agentflow.research.report.schema import Quoted
from agentflow.research.report.sources import changed, version_of


def faults(corpus: Corpus | None, claims: Iterable[KnownClaim]) -> dict[str, str]:
    """By the id of a claim, why it counts no more; those that stand are left out."""
    seen, found = dict[str, str](), dict[str, str]()
    for claim in claims:
        if claim.retracted:
            found[claim.id] = claim.retracted if not claim.by_person else f"a person: {claim.retracted}"
            continue
        for quote in claim.quotes:
            if quote.path not in seen:
                seen[quote.path] = _file_fault(corpus, quote.path)
            if fault := seen[quote.path] or _fault(corpus, quote):
                found[claim.id] = fault
                break
    return found


def _file_fault(corpus: Corpus | None, path: str) -> str:
    """Why nothing of a document can be relied on."""
    if corpus is None or corpus.value("SELECT id FROM documents WHERE path = ? AND error = ''", [path]) is None:
        return f"{path} is no longer among the documents"
    if (origin := origins_of(corpus, [path]).get(path)) and not corpus.value(
        "SELECT current FROM origins WHERE path = ?", [path]
    ):
        return f"{origin.url} has changed since"
    state = changed(corpus, [path]).get(path, "")
    return {"": "", "gone": f"{path} is gone", "changed": f"{path} has changed since it was read"}[state]


def _fault(corpus: Corpus | None, quote: Quoted) -> str:
    assert corpus is not None
    same = version_of(corpus, quote.path, quote.start, quote.quote) == quote.sha256
    return "" if same else f"{quote.path} has changed since"
