"""What leads from the question to a document that it does not name: the first of two hops, for the reader of the report."""

from collections.abc import Sequence

from agentflow.corpus.evidence import Evidence
from agentflow.corpus.passage import Passage
from agentflow.corpus.rarity import Rarity
from agentflow.research.shown import Candidate, show
from agentflow.research.titled import plain

SPEAKS = 0.25  # of the question, that a sentence covers that leads from it
ADDS = 0.1  # of it, that the answer's own passage does not


def link(rarity: Rarity, answer: Evidence, passages: Sequence[Passage]) -> Candidate | None:
    """The sentence of another document that names the answer's by its title, and speaks most of what the question says
    beyond the answer's passage; None when the answer needs none."""
    own = [passage for passage in passages if passage.path == answer.path and answer.quote in passage.text]
    title = plain(own[0].title) if own else ""
    if len(title) <= 5:
        return None
    known = f"{own[0].source} {own[0].text}"
    naming = [
        candidate
        for candidate in show(passages).sentences
        if candidate.passage.document != own[0].document
        and title in plain(candidate.text)
        and rarity.coverage(f"{candidate.passage.source} {candidate.text}") >= SPEAKS
    ]
    spoken = [(rarity.coverage(f"{known} {one.passage.source} {one.text}"), one) for one in naming]
    best, candidate = max(spoken, key=lambda pair: pair[0], default=(0.0, None))
    return candidate if best - rarity.coverage(known) >= ADDS else None
