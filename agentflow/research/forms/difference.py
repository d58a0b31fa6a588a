"""How two things differ: the sentence about the one and the sentence about the other, side by side."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.parsing.chunks import is_question
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.forms.asked import BREAK, LONGEST
from agentflow.research.passages.relevance import ranking
from agentflow.research.passages.rows import row_text
from agentflow.research.passages.shown import Candidate, show
from agentflow.research.passages.steps import with_steps
from agentflow.text.words import content_words, words

ASKS = re.compile(
    r"\bdifferences? between (?P<one>[^?]+?) and (?P<other>[^?]+)|\bhow (?:do|does|is|are) (?P<this>[^?]+?) differ(?:ent)? from (?P<that>[^?]+)",
    re.IGNORECASE,
)
OPENS = 2  # content words that may stand before the name of what a sentence tells of
FIRST = 0.3  # what a sentence that begins with the name counts more
TELLS = 4  # words of one that tells something
COMPARES = re.compile(
    r"\b(?:vs|versus|whereas|unlike|in contrast|as opposed to|compared (?:to|with)|differs? from)\b", re.IGNORECASE
)
TWO = re.compile(r"- .+\n- .+")
NEAR = 1_500  # characters between the two


class Sides(NamedTuple):
    """The words that tell the two things apart."""

    one: list[str]
    other: list[str]

    def named_in(self, text: str) -> bool:
        known = set(content_words(text))
        return set(self.one) <= known and set(self.other) <= known

    def told_in(self, text: str) -> bool:
        """Whether an answer is about both, on a line each or by comparing them."""
        return self.named_in(text) and bool(TWO.fullmatch(text) or COMPARES.search(text))


def sides(question: str) -> Sides | None:
    """None where it does not ask how two things differ. `the TERM and the QUIT signal` are `term` and `quit`."""
    if not (asked := ASKS.search(question)):
        return None
    one = content_words(asked["one"] or asked["this"])
    other = content_words(asked["other"] or asked["that"])
    apart = [word for word in one if word not in other], [word for word in other if word not in one]
    if 0 < len(apart[0]) < len(apart[1]):
        return Sides(apart[0], apart[1][: len(apart[0])])
    return Sides(*apart) if apart[0] and apart[1] else None


async def difference_answer(
    context: Context, question: str, passages: Sequence[Passage]
) -> tuple[str, Candidate] | None:
    """The text, one line a side, and the quote from the one to the other; None where no document tells of both near each
    other."""
    if not (asked := sides(question)):
        return None
    sentences = [candidate for candidate in show(passages).sentences if may_tell(candidate)]
    scores = await ranking(context, Rarity(context.corpus, question), sentences)
    best: tuple[float, Candidate, Candidate] | None = None
    ones = [pair for pair in scores if opens_with(pair[0].text, asked.one, asked.other)]
    others = [pair for pair in scores if opens_with(pair[0].text, asked.other, asked.one)]
    for one, near in ones:
        for other, nearer in others:
            apart = abs(one.sentence.start - other.sentence.start)
            if (
                one.passage.document != other.passage.document
                or apart > NEAR
                or one.sentence.kind != other.sentence.kind
            ):
                continue
            firsts = begins_with(one.text, asked.one) + begins_with(other.text, asked.other)
            score = near + nearer + FIRST * firsts - apart / NEAR
            if best is None or score > best[0]:
                best = score, one, other
    if best is None:
        return compared(context, asked, scores)
    first, last = sorted(best[1:], key=lambda candidate: candidate.sentence.start)
    text = "\n".join(f"- {row_text(context.corpus, candidate)}" for candidate in (first, last))
    return text, with_steps(context, first, [last.sentence])


def compared(context: Context, asked: Sides, ranked: Sequence[tuple[Candidate, float]]) -> tuple[str, Candidate] | None:
    """The nearest sentence that compares the two, with the next ones of its paragraph; None where there is none."""
    found = [one for one, _ in ranked if asked.named_in(one.text) and COMPARES.search(one.text)]
    if not found:
        return None
    sentence, text = found[0].sentence, context.corpus.text(found[0].passage.document)
    after = [
        one
        for one in found[0].passage.sentences
        if one.start >= sentence.end
        and one.end - sentence.start <= LONGEST
        and not BREAK.search(text, sentence.end, one.start)
    ]
    quote = with_steps(context, found[0], after)
    return quote.text, quote


def may_tell(candidate: Candidate) -> bool:
    return candidate.sentence.kind != "code" and len(words(candidate.text)) >= TELLS and not is_question(candidate.text)


def opens_with(text: str, name: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a sentence is about what has this name, and not first about the other."""
    opening = content_words(text)[: OPENS + len(name) - 1]
    if not set(name) <= set(opening):
        return False
    return not set(other) <= set(opening) or opening.index(name[0]) < opening.index(other[0])


def begins_with(text: str, name: Sequence[str]) -> bool:
    return content_words(text)[: len(name)] == list(name)
