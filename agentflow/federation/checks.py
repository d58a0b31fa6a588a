"""What of a site's answer is believed: all of it or nothing. Hashes are computed again here, of the text that it sent."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from agentflow.corpus.site_passage import MOST_OFFSET, SitePassage
from agentflow.errors import AgentflowError
from agentflow.federation.weighing import counted_terms
from agentflow.federation.wire import (
    EvidenceAsked,
    QuoteNow,
    SearchAsked,
    SiteEvidence,
    SitePassages,
    Verdicts,
    VerdictsAsked,
)


class Untrue(AgentflowError):
    """The answer contradicts itself or goes beyond what was asked. `message` goes on from the site's name."""


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def believed(asked: SearchAsked, found: SitePassages) -> SitePassages:
    """Raises Untrue."""
    if len(found.passages) > asked.k:
        raise Untrue(f"sends {len(found.passages)} passages where {asked.k} were asked for")
    per_document = Counter(passage.document.path for passage in found.passages)
    most = asked.per_document or asked.k
    if any(number > most for number in per_document.values()):
        raise Untrue("sends more passages of one document than were asked for")
    if not found.holders.keys() <= set(counted_terms(asked.query)):
        raise Untrue("counts words that were not asked for")
    for passage in found.passages:
        _check(passage)
    return found


def _check(passage: SitePassage) -> None:
    path = passage.document.path
    if not path.isprintable():
        raise Untrue("names a document by what cannot be printed")
    end, last = passage.start + len(passage.text), passage.start
    if passage.start > MOST_OFFSET:
        raise Untrue(f"places a passage beyond {MOST_OFFSET:,} characters")
    for sentence in passage.sentences:
        if not last <= sentence.start < sentence.end <= end:
            raise Untrue(f"quotes what does not stand in the passage of {path}")
        text = passage.text[sentence.start - passage.start : sentence.end - passage.start]
        if sha256_of(text) != sentence.sha256:
            raise Untrue(f"quotes {path} with a hash that is not that of its text")
        last = sentence.end


def believed_evidence(asked: EvidenceAsked, answer: SiteEvidence) -> Sequence[QuoteNow]:
    if len(answer.quotes) != len(asked.quotes):
        raise Untrue(f"answers for {len(answer.quotes)} quotes where {len(asked.quotes)} were asked for")
    return answer.quotes


def believed_verdicts(asked: VerdictsAsked, answer: Verdicts) -> Verdicts:
    if len(answer.claims) != len(asked.claims) or (answer.question is None) != (not asked.question):
        raise Untrue("gives verdicts on something else than asked")
    return answer
