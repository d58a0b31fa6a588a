"""Whole sections as answers: the changes of a version or its release date, the findings under `Findings`."""

import re
from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.dates import date_of_text
from agentflow.corpus.evidence import one_line
from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.passages.shown import Candidate
from agentflow.research.passages.steps import answer_text, up_to_heading, with_steps
from agentflow.research.question.direct import direct
from agentflow.text.plurals import PLURAL
from agentflow.text.words import families

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
SEVERAL = re.compile(rf"(?:which|what)(?: are the)? (?P<things>{PLURAL})", re.IGNORECASE)
NAMED = 0.6  # of the question, by a heading of one word with its document
MOST = 30  # sentences of one section


def version_answer(context: Context, question: str, passages: Sequence[Passage]) -> tuple[str, Candidate] | None:
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
    lines = section_sentences(context, best)
    if not lines:
        return None
    if when:
        return day_in(best.sentence.text), with_steps(context, best, lines[:1])
    return f"{best.text}:{answer_text(context, best, lines).removeprefix(best.text)}", with_steps(context, best, lines)


def section_answer(context: Context, question: str, passages: Sequence[Passage]) -> tuple[str, Candidate] | None:
    """To `Which findings does the report have?` what stands under the heading `Findings`, of several sentences; the text and
    the quote."""
    if not (asked := SEVERAL.match(direct(question))):
        return None
    wanted, things = families(question), families(asked["things"])
    for passage in passages:
        for sentence in passage.sentences:
            if sentence.kind == "heading" and families(sentence.text) == things:
                heading = Candidate(passage, sentence)
                lines = section_sentences(context, heading)
                known = wanted & families(f"{passage.path} {passage.title} {heading.text}")
                sentences = all(line.kind in ("prose", "item") for line in lines)
                if len(lines) > 1 and sentences and len(known) >= NAMED * len(wanted):
                    text = "\n".join(f"- {one_line(line.text)}" for line in lines)
                    return f"{heading.text}:\n{text}", with_steps(context, heading, lines)
    return None


def section_sentences(context: Context, heading: Candidate) -> list[Sentence]:
    """The sentences up to the next heading."""
    return up_to_heading(context.corpus.following(heading.passage.document, heading.sentence.end, MOST))


def heads(version: str, heading: Sentence) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(version)}(?![\w.]*\d)", heading.text) is not None


def day_in(heading: str) -> str:
    """The first part of a heading that is a day, as it is written."""
    return next((part for part in map(str.strip, PARTS.split(heading)) if date_of_text(part)), "")
