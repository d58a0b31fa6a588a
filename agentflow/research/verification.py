"""Whether quotes support a claim: the model judges, and checks of numbers, names and words can overrule it."""

import re
from collections.abc import Sequence
from itertools import pairwise

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence
from agentflow.research.abilities import can
from agentflow.research.forms.office import succeeded
from agentflow.research.passages.dated import is_former
from agentflow.research.reply import Support
from agentflow.text.durations import duration, unit_hours
from agentflow.text.names import foreign_names
from agentflow.text.numbers import A_DAY, A_YEAR, foreign_numbers, in_digits
from agentflow.text.opposites import denials
from agentflow.text.words import content_words, coverage, has_digit, stem, words

COVERED = 0.8
BARELY = 0.4
SAME_THING = 0.6  # of a claim's words without its numbers, that a quote of the same thing has
YEAR = re.compile(rf"\b{A_YEAR}\b")
FROM = re.compile(  # when something begins to hold is no part of what does
    rf"\b(?:from|since|as of|effective|starting) (?:{A_DAY} )?(?:[A-Z][a-z]+ )?(?:\d{{1,2}}, )?{A_YEAR}\b(?:-\d\d-\d\d)?,?",
    re.IGNORECASE,
)


async def check(context: Context, claim: str, evidence: Sequence[Evidence]) -> Support:
    """The verdict on one claim against its quotes. What a newer quote tells otherwise, and a claim that repeats its quote, need
    no model. Of a small model's, a contradiction is one only where numbers or a "not" say so, and support only where one
    quote tells nearly all."""
    if not evidence:
        return "unsupported"
    if superseding(claim, evidence):
        return "contradicted"
    if repeats(claim, evidence):
        return "supported"
    quotes = [{"quote": item.text, "source": item.source} for item in evidence]
    answer = await context.ask("checker", context.prompt("check"), claim=claim, quotes=quotes)
    verdict = bounded(answer.data["support"], claim, evidence)
    if verdict != "supported" and any(opposed(claim, item.text) for item in standing(claim, evidence)):
        return "contradicted"
    if can(context, "checker", "decline"):
        return verdict
    told = max(coverage(in_digits(claim), in_digits(f"{item.source} {item.cells}")) for item in evidence)
    return "unsupported" if verdict == "contradicted" or told < COVERED else verdict


def superseding(claim: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The quotes that are newer than every one that tells what is claimed, and tell another number of the same, or of another
    one who took the office."""
    since = max((item.date for item in evidence if bears(claim, item)), default="")
    return [
        item
        for item in evidence
        if (item.date >= since > "" and succeeded(claim, item.text))
        or (item.date > since > "" and tells_otherwise(claim, item.text))
    ]


def tells_otherwise(claim: str, quote: str) -> bool:
    """Whether it tells another number, or another "not", of all that is claimed."""
    return opposed(claim, quote) and alike(claim, quote) >= COVERED


def standing(claim: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The quotes without those that are older than one that tells what is claimed: they were true once."""
    since = max((item.date for item in evidence if bears(claim, item)), default="")
    return [item for item in evidence if not item.date or item.date >= since]


def bears(claim: str, item: Evidence) -> bool:
    return (
        not foreign_numbers(claim, item.text)
        and not opposed(claim, item.text)
        and coverage(in_digits(claim), in_digits(item.text)) >= COVERED
    )


def repeats(claim: str, evidence: Sequence[Evidence]) -> bool:
    """Whether the claim's words stand in one quote in the same order, without a gap, and leave no "not" of it out."""
    wanted = " ".join(words(claim))
    return bool(content_words(claim)) and any(
        f" {wanted} " in f" {' '.join(words(form))} " and denials(claim) == denials(item.text)
        for item in evidence
        for form in {item.text, item.cells}
    )


def bounded(verdict: Support, claim: str, evidence: Sequence[Evidence]) -> Support:
    """A model's "supported" stands only while every number and name of the claim, and most words, are in the quotes, and
    the same words do not stand there with another "not"."""
    if verdict not in ("supported", "partial"):
        return verdict
    held = [item for item in evidence if not is_former(claim, item.text)]
    known = "\n\n".join(f"{item.quote}\n\n{item.cells}\n\n{item.source}" for item in held)
    covered = coverage(in_digits(claim), in_digits(known))
    changed, doubtful = foreign_names(claim, known)
    if foreign_numbers(claim, known) or changed or covered < BARELY:
        return "unsupported"
    if doubtful or covered < COVERED:
        return "partial"
    return verdict if denials(claim) in {denials(item.text) for item in evidence} else "contradicted"


def opposed(claim: str, quote: str) -> bool:
    """Whether a quote says of the same thing another number, or that it is one no more, or the same with another "not"."""
    quote = quote if YEAR.search(claim) else FROM.sub("", quote)
    share = alike(claim, quote)
    if " | " in claim + quote and share < COVERED:  # two rows of tables share words as columns do
        return False
    if share >= SAME_THING and foreign_numbers(claim, quote) and foreign_numbers(quote, claim):
        return bool(YEAR.search(claim)) == bool(YEAR.search(quote))
    if share >= SAME_THING and is_former(claim, quote):
        return True
    return share >= COVERED and not foreign_numbers(claim, quote) and denials(claim) != denials(quote)


def alike(claim: str, quote: str) -> float:
    """The share of the claim's words, numbers apart, that the quote has, 0..1; a unit of time may be set against another one.
    0 where they share nothing but what is measured in, `euros a month`."""
    told, known = words(in_digits(claim)), set(content_words(quote))
    lasts = duration(quote) > 0
    said = [
        word for word in told if not has_digit(word) and not (lasts and unit_hours(word) and stem(word) not in known)
    ]
    measured = {stem(after) for before, after in pairwise(told) if has_digit(before)}
    things = {word for word in content_words(" ".join(said)) if word not in measured and not unit_hours(word)}
    return coverage(" ".join(said), in_digits(quote)) if things & known or not things else 0.0


def deciding(claim: str, support: Support, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The quote that a verdict rests on; none of "unsupported"."""
    if support == "unsupported":
        return []
    against = [
        item
        for item in evidence
        if support == "contradicted" and (opposed(claim, item.text) or succeeded(claim, item.text))
    ]
    nearest = max(against or evidence, key=lambda item: coverage(in_digits(claim), in_digits(item.text)))
    return [nearest]
