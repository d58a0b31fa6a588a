"""Claims worded from numbered evidence, and the short answer drawn from the claims that held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence, one_line
from agentflow.research.abilities import can
from agentflow.research.findings import Answered
from agentflow.research.fit_window import fit
from agentflow.text.numbers import numbers
from agentflow.text.words import coverage

ANSWER_COVERED = 0.6
MOST_QUOTED = 6  # claims, where the quotes speak for themselves


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """A claim before its check, with the evidence it names; `support` of what needs none, since the engine made it."""

    text: str
    evidence: tuple[Evidence, ...]
    support: str = ""


async def write(context: Context, question: str, evidence: Sequence[Evidence]) -> list[ClaimDraft]:
    """Claims by the writer; the quotes themselves where it cannot word claims, or names no evidence that exists."""
    if not can(context, "writer", "word"):
        return [quoted(item) for item in evidence[:MOST_QUOTED]]
    prompt = context.prompt("write")
    values = await fit(
        context, "writer", prompt, evidence, lambda kept: {"question": question, "evidence": _numbered(kept)}
    )
    answer = await context.ask("writer", prompt, **values)
    shown = evidence[: len(values["evidence"])]
    drafts: dict[str, ClaimDraft] = {}
    for claim in answer.data["claims"]:
        cited = tuple(shown[number - 1] for number in dict.fromkeys(claim["evidence"]) if number <= len(shown))
        text = unsourced(one_line(claim["text"]), cited)
        if cited and text:
            drafts.setdefault(text, ClaimDraft(text, cited))
    if drafts:
        return list(drafts.values())
    context.note("the writer named no evidence that exists: the best quotes stand as they are")
    return [quoted(item) for item in shown[:MOST_QUOTED]]


def unsourced(text: str, cited: Sequence[Evidence]) -> str:
    """A claim without the source that the prompt shows behind a quote, which a model copies along, if cut short."""
    head, bracket, tail = text.rpartition(" (")
    copied = tail.rstrip(".").removesuffix(")")
    return head if bracket and any(copied and item.source.startswith(copied) for item in cited) else text


def quoted(item: Evidence) -> ClaimDraft:
    """The claim nobody can dispute: the quote itself."""
    return ClaimDraft(item.text, (item,))


def computed(context: Context, answer: Answered) -> ClaimDraft:
    """What was counted or summed up over rows, with these."""
    evidence = context.quotes.load([answer["quote"], *answer.get("rows", [])])
    return ClaimDraft(f"{answer['question'].rstrip('? ')}: {one_line(answer['text'])}", tuple(evidence), "supported")


def alike_joined(drafts: Iterable[ClaimDraft]) -> list[ClaimDraft]:
    """Each claim once, with the evidence of all that say the same."""
    evidence: dict[tuple[str, str], dict[str, Evidence]] = {}
    for draft in drafts:
        evidence.setdefault((draft.text, draft.support), {}).update((item.id, item) for item in draft.evidence)
    return [ClaimDraft(text, tuple(items.values()), support) for (text, support), items in evidence.items()]


def _numbered(evidence: Sequence[Evidence]) -> list[dict[str, object]]:
    return [{"number": number, "quote": item.text, "source": item.source} for number, item in enumerate(evidence, 1)]


async def answer(context: Context, question: str, claims: Sequence[ClaimDraft]) -> str:
    """A short answer whose words and numbers the claims and their quotes contain; else the first claim.

    One that cannot word claims may only copy a stretch of one.
    """
    reply = await context.ask("writer", context.prompt("answer"), question=question, claims=[c.text for c in claims])
    text = one_line(reply.data["answer"])
    known = " ".join([*(claim.text for claim in claims), *(item.text for claim in claims for item in claim.evidence)])
    if not can(context, "writer", "word"):
        grounded = any(f" {text.lower()} " in f" {claim.text.lower().rstrip('.')} " for claim in claims)
    else:
        grounded = coverage(text, known) >= ANSWER_COVERED and numbers(text) <= numbers(known)
    if grounded and coverage(text, question) < 1:
        return text
    context.note("the short answer said more than its claims: the first claim stands instead")
    return claims[0].text
