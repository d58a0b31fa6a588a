"""Passages in, evidence out: the model points at sentences by number and never retypes one.

A model that can point reads listwise: all sentences numbered in one prompt, numbers back under a schema. Another answers
the question and names one sentence; words and meaning choose the others.
"""

from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence, cite
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.abilities import can
from agentflow.research.answers.answering import answer
from agentflow.research.fit_window import fit
from agentflow.research.passages.relevance import ranking
from agentflow.research.passages.shown import Candidate, show
from agentflow.text.words import coverage

MOST_PER_QUESTION = 6
RELEVANT = 0.45


async def read(context: Context, question: str, passages: Sequence[Passage]) -> list[tuple[Evidence, float]]:
    """The sentences that answer the question with their relevance, 0..1, the best first, at most MOST_PER_QUESTION."""
    candidates = show(passages).sentences
    if not candidates:
        return []
    if can(context, "reader", "point"):
        chosen = await _listwise(context, question, candidates)
    else:
        chosen = await _answered(context, question, passages)
    return [(cite(context.corpus, *candidate), relevance) for candidate, relevance in chosen[:MOST_PER_QUESTION]]


async def _answered(context: Context, question: str, passages: Sequence[Passage]) -> list[tuple[Candidate, float]]:
    """The sentence of the answer first, then those that words and meaning rank highest."""
    reply = (await answer(context, [question], passages))[0]
    ranked = await ranking(context, Rarity(context.corpus, question), show(passages).sentences)
    own = {reply.evidence.quote} if reply.evidence else set()
    first = [(candidate, 1.0) for candidate, _ in ranked if candidate.sentence.text in own][:1]
    return first + [pair for pair in ranked if pair[1] >= RELEVANT and pair[0].sentence.text not in own]


async def _listwise(context: Context, question: str, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    prompt = context.prompt("read")
    values = await fit(
        context, "reader", prompt, candidates, lambda kept: {"question": question, "passages": _grouped(kept)}
    )
    answer = await context.ask("reader", prompt, **values)
    named = list(dict.fromkeys(answer.data["sentences"]))
    known = [number for number in named if number <= len(candidates)]
    if named and not known:
        context.note(f"the reader named no sentence that exists for {question!r}: ranked by words instead")
        ranked = sorted(candidates, key=lambda candidate: -coverage(question, candidate.sentence.text))
        return [(candidate, coverage(question, candidate.sentence.text)) for candidate in ranked[:3]]
    return [(candidates[number - 1], 1.0 - 0.05 * place) for place, number in enumerate(known)]


def _grouped(candidates: Sequence[Candidate]) -> list[dict[str, object]]:
    """Sentences grouped under their source, numbered through."""
    groups: dict[str, list[dict[str, object]]] = {}
    for number, candidate in enumerate(candidates, 1):
        groups.setdefault(candidate.source, []).append({"number": number, "text": candidate.text})
    return [{"source": source, "sentences": sentences} for source, sentences in groups.items()]
