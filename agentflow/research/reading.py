"""Passages in, evidence out: the model points at sentences by number and never retypes one.

A large model reads listwise: all sentences numbered in one prompt, numbers back under a schema. A small model reads
pointwise: one question a sentence, and its probability of "yes" is weighed with the words and the meaning they share; the
calls share their prefix.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.passage import Passage, Sentence
from agentflow.models.request import Answer
from agentflow.research.evidence import Evidence, cite, one_line
from agentflow.research.packing import fit
from agentflow.research.relevance import Read, relevance
from agentflow.words import coverage

MOST_PER_QUESTION = 6
RELEVANT = 0.5


class Found(NamedTuple):
    """Evidence with its relevance, 0..1, to the question it was read for."""

    evidence: Evidence
    relevance: float


class Candidate(NamedTuple):
    passage: Passage
    sentence: Sentence


async def read(context: Context, question: str, passages: Sequence[Passage]) -> list[Found]:
    """The sentences that answer the question, the best first, at most MOST_PER_QUESTION."""
    candidates = _candidates(passages)
    if not candidates:
        return []
    if is_small(context, "reader"):
        chosen = await _pointwise(context, question, candidates)
    else:
        chosen = await _listwise(context, question, candidates)
    return [Found(cite(context.corpus, *candidate), relevance) for candidate, relevance in chosen[:MOST_PER_QUESTION]]


def is_small(context: Context, role: str) -> bool:
    """Whether models.yaml says that the role's model is to be asked one thing at a time (`reading: pointwise`)."""
    return context.models.catalog.resolve(context.models.model_of(role)).reading == "pointwise"


def _candidates(passages: Sequence[Passage]) -> list[Candidate]:
    """Each sentence once, in the order of the passages: near-copies in other documents add nothing."""
    unique: dict[tuple[str, str], Candidate] = {}
    for passage in passages:
        for sentence in passage.sentences:
            text = one_line(sentence.text)
            if any(char.isalnum() for char in text):
                unique.setdefault((passage.source, text), Candidate(passage, sentence))
    return list(unique.values())


async def _pointwise(context: Context, question: str, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    batch = [
        {"question": question, "source": candidate.passage.source, "sentence": one_line(candidate.sentence.text)}
        for candidate in candidates
    ]
    cosines = await context.searcher.similarity(question, [values["sentence"] for values in batch])
    near: Sequence[float | None] = cosines or [None] * len(batch)
    answers = await context.ask_all("reader", context.prompt("judge"), batch, logprobs=8)
    said = [
        Read(values["sentence"], values["source"], probability_of_yes(answer), cosine)
        for values, answer, cosine in zip(batch, answers, near, strict=True)
    ]
    scored = zip(candidates, relevance(question, said), strict=True)
    return sorted((pair for pair in scored if pair[1] >= RELEVANT), key=lambda pair: -pair[1])


def probability_of_yes(answer: Answer) -> float:
    """P(yes) over P(yes) + P(no) at the first token; a model that says neither answers by its text."""
    yes = no = 0.0
    for token, logprob in (answer.logprobs[0] if answer.logprobs else {}).items():
        match token.strip().lower():
            case "yes":
                yes += math.exp(logprob)
            case "no":
                no += math.exp(logprob)
    if yes + no > 0:
        return yes / (yes + no)
    return 1.0 if answer.text.strip().lower().startswith("yes") else 0.0


async def _listwise(context: Context, question: str, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    prompt = context.prompt("read")
    values = await fit(
        context, "reader", prompt, candidates, lambda kept: {"question": question, "passages": _numbered(kept)}
    )
    answer = await context.ask("reader", prompt, **values)
    named = list(dict.fromkeys(answer.data["sentences"]))
    known = [number for number in named if number <= len(candidates)]
    if named and not known:
        context.note(f"the reader named no sentence that exists for {question!r}: ranked by words instead")
        ranked = sorted(candidates, key=lambda candidate: -coverage(question, candidate.sentence.text))
        return [(candidate, coverage(question, candidate.sentence.text)) for candidate in ranked[:3]]
    return [(candidates[number - 1], 1.0 - 0.05 * place) for place, number in enumerate(known)]


def _numbered(candidates: Sequence[Candidate]) -> list[dict[str, object]]:
    """Sentences grouped under their source, numbered through."""
    groups: dict[str, list[dict[str, object]]] = {}
    for number, (passage, sentence) in enumerate(candidates, 1):
        groups.setdefault(passage.source, []).append({"number": number, "text": one_line(sentence.text)})
    return [{"source": source, "sentences": sentences} for source, sentences in groups.items()]
