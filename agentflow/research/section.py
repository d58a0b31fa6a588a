"""What a version's own section tells: the changes listed beneath its heading, and the day beside it."""

import re
from collections.abc import Sequence
from itertools import takewhile

from agentflow.context import Context
from agentflow.corpus.dates import date_of_text
from agentflow.corpus.evidence import one_line
from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.rarity import Rarity
from agentflow.research.planning import direct
from agentflow.research.shown import Candidate
from agentflow.research.steps import told, with_steps

VERSION = r"(?P<version>\d+(?:\.\d+)+\w*)"
NEWS = re.compile(
    rf"what (?:(?:has |was |were )?(?:changed|added|removed|fixed)|is new|are the changes|does .*\b(?:change|add|bring))\b.*?(?<![\w.])v?{VERSION}",
    re.IGNORECASE,
)
WHEN = re.compile(
    rf"(?:when|on (?:what|which) (?:day|date)) (?:was|is|did|were) .*?(?<![\w.])v?{VERSION}(?: \w+)? (?:released|published|come out|appear)",
    re.IGNORECASE,
)
PARTS = re.compile(r"[()\[\]|:–—]| - |, released ")  # `4.0.0 (2025-03-05)`, `4.0.0 - 5 March 2025`
MOST = 30  # sentences of one section


def section_told(context: Context, question: str, passages: Sequence[Passage]) -> tuple[str, Candidate] | None:
    """The text and the quote: of when a version was released the day in its heading, of what changed the section; None where
    the question asks for something else or no heading names the version."""
    news, when = NEWS.match(direct(question)), WHEN.match(direct(question))
    if not (asked := news or when):
        return None
    rarity, version = Rarity(context.corpus, question), asked["version"]
    found = [
        Candidate(passage, sentence)
        for passage in passages
        for sentence in passage.sentences
        if sentence.kind == "heading" and heads(version, sentence) and (news or day_in(sentence.text))
    ]
    best = max(found, key=lambda one: rarity.coverage(f"{one.passage.path} {one.passage.source}"), default=None)
    if best is None:
        return None
    after = context.corpus.following(best.passage.document, best.sentence.end, MOST)
    lines = list(takewhile(lambda sentence: sentence.kind != "heading", after))
    if not lines:
        return None
    if when:
        return day_in(best.sentence.text), with_steps(context, best, lines[:1])
    opening = Candidate(best.passage, best.sentence)
    return f"{one_line(best.text.strip('#= '))}:{told(context, opening, lines).removeprefix(opening.text)}", with_steps(
        context, opening, lines
    )


def heads(version: str, heading: Sentence) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(version)}(?![\w.]*\d)", heading.text) is not None


def day_in(heading: str) -> str:
    """The first part of a heading that is a day, as it is written."""
    return next((part for part in map(str.strip, PARTS.split(heading)) if date_of_text(part)), "")
