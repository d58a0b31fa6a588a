"""Does a quote support a claim? The model judges, and words it cannot argue with have the last say."""

from collections.abc import Sequence
from typing import Literal

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence
from agentflow.text.names import foreign_names
from agentflow.text.numbers import foreign_numbers, in_digits
from agentflow.text.words import content_words, coverage, words

Support = Literal["supported", "partial", "contradicted", "unsupported"]
COVERED = 0.8
BARELY = 0.4
DENIALS = frozenset("not no nor never none neither without cannot hardly false untrue wrong denied denies deny".split())


async def check(context: Context, claim: str, evidence: Sequence[Evidence]) -> Support:
    """The verdict on one claim against its quotes. A claim that repeats its quote needs no model."""
    if not evidence:
        return "unsupported"
    if repeats(claim, evidence):
        return "supported"
    quotes = [{"quote": item.text, "source": item.source} for item in evidence]
    answer = await context.ask("checker", context.prompt("check"), claim=claim, quotes=quotes)
    return bounded(answer.data["support"], claim, evidence)


def repeats(claim: str, evidence: Sequence[Evidence]) -> bool:
    """Whether the claim's words stand in one quote in the same order, without a gap, and leave no "not" of it out."""
    wanted = " ".join(words(claim))
    return bool(content_words(claim)) and any(
        f" {wanted} " in f" {' '.join(words(form))} " and denials(claim) == denials(item.text)
        for item in evidence
        for form in {item.text, item.cells}
    )


def denials(text: str) -> int:
    return sum(word in DENIALS or word.endswith(("n't", "n’t")) for word in words(text))


def bounded(verdict: Support, claim: str, evidence: Sequence[Evidence]) -> Support:
    """A model's "supported" stands only while every number and name of the claim, and most words, are in the quotes, and
    the same words do not stand there with another "not"."""
    if verdict not in ("supported", "partial"):
        return verdict
    known = "\n\n".join(f"{item.quote}\n\n{item.cells}\n\n{item.source}" for item in evidence)
    covered = coverage(in_digits(claim), in_digits(known))
    changed, doubtful = foreign_names(claim, known)
    if foreign_numbers(claim, known) or changed or covered < BARELY:
        return "unsupported"
    if doubtful or covered < COVERED:
        return "partial"
    return verdict if denials(claim) in {denials(item.text) for item in evidence} else "contradicted"


def rivals(claim: str, cited: Sequence[Evidence], others: Sequence[Evidence]) -> list[Evidence]:
    """Quotes of other documents that speak of the same thing with another number or name: worth a check."""
    own = {item.path for item in cited}
    return [
        item
        for item in others
        if item.path not in own
        and coverage(claim, item.quote) >= 0.5
        and foreign_numbers(item.quote, claim)
        and foreign_numbers(claim, item.quote)
    ]
