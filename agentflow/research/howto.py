"""How to do something: the instruction nearest to the question, with the code or the list beneath it.

A small model copies a sentence near the question, which tells of the thing and not how it is done; which sentence instructs
can be seen by what stands in it and beneath it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from textwrap import dedent
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import FENCE, one_line
from agentflow.corpus.passage import Passage, Sentence
from agentflow.research.relevance import Rarity, relevance
from agentflow.research.shown import Candidate
from agentflow.text.markup import as_read
from agentflow.text.words import content_words, words

MOST = 12  # lines or items of one quote
FEW = 2  # content words that say nothing by themselves
COMPARED = 6  # of them compared with the question
CODE, INSTRUCTS = 0.12, 0.06  # what code beneath, and the words of an instruction, add to the relevance
LEAST = 0.65  # relevance of an instruction that answers
INSTRUCTION = re.compile(
    r"^\W*(?:to|if you|use|run|add|set|pass|call|install|create|first|simply|just|then|open|press|import|define"
    r"|do the following|follow|here(?: is|['’]s) how|the (?:easiest|simplest|recommended|preferred) way)\b"
    r"|\b(?:you (?:can|could|may|need)|can be (?:used|set|done|installed)|by (?:using|running|passing|setting|adding)"
    r"|(?:using|use|with) the)\b",
    re.IGNORECASE,
)


NUMBERED = re.compile(r"\d+[.)]\s")
CHANGES = re.compile(
    r"\W*v?\d+\.\d+|.*\b(?:changelog|release notes)\b", re.IGNORECASE
)  # headings: what changed, not how
OPPOSITES = dict(
    pair.split("/")
    for pair in "on/off enable/disable add/remove install/uninstall import/export with/without start/stop".split()
)
OPPOSITES |= {other: one for one, other in OPPOSITES.items()}


class Instruction(NamedTuple):
    """A sentence, or a first line of code, and what stands beneath it."""

    opening: Candidate
    steps: list[Sentence]

    def is_opposite(self, question: str) -> bool:
        """Whether it tells how to turn on what is to be turned off."""
        asked, told = set(words(question)), set(words(self.text))
        return any(OPPOSITES.get(word) in told and word not in told for word in asked - told)

    @property
    def code(self) -> list[str]:
        lines = [self.opening.sentence, *self.steps] if self.opening.sentence.kind == "code" else self.steps
        return [line.text for line in lines if line.kind == "code"]

    @property
    def text(self) -> str:
        """The sentence and the first lines of code, which say what is done; a list tells of more than that."""
        return one_line(" ".join(dict.fromkeys([self.opening.text, *self.code[:COMPARED]])))

    @property
    def instructs(self) -> bool:
        return bool(INSTRUCTION.search(self.opening.text)) or any(NUMBERED.match(step.text) for step in self.steps)


async def ranked(context: Context, rarity: Rarity, passages: Sequence[Passage]) -> list[tuple[Instruction, float]]:
    """The instructions by their nearness to the question in words and meaning, the best first; 0..1 and what code and the
    words of an instruction add."""
    found = [Instruction(opening, beneath(context, opening)) for opening in openings(passages)]
    found = [each for each in found if (each.code or each.instructs) and not each.is_opposite(rarity.question)]
    alike = await context.searcher.similarity(rarity.question, [placed(each) for each in found]) if found else []
    sources = [each.opening.passage.source for each in found]
    near = relevance(rarity, [each.text for each in found], sources, alike)
    scores = [
        score + CODE * bool(each.code) + INSTRUCTS * (each.instructs or introduces(each.opening.sentence))
        for score, each in zip(near, found, strict=True)
    ]
    return sorted(zip(found, scores, strict=True), key=lambda pair: -pair[1])


async def instruction(context: Context, rarity: Rarity, passages: Sequence[Passage]) -> Instruction | None:
    """The best of them, none when none is near enough."""
    best, score = next(iter(await ranked(context, rarity, passages)), (None, 0.0))
    return best if score >= LEAST else None


def openings(passages: Sequence[Passage]) -> list[Candidate]:
    """All that may be cited but lines of code beneath another sentence; of a list of changes nothing. A sentence of a few
    words, `For example:`, goes on from the one before it."""
    first: list[Candidate] = []
    for passage in passages:
        before: Sentence | None = None
        if CHANGES.match(passage.under):
            continue
        for sentence in passage.sentences:
            kind = before.kind if before else None
            if (
                sentence.citable
                and sentence.kind != "row"
                and not (sentence.kind == "code" and kind in ("code", "prose", "item"))
            ):
                short = len(content_words(sentence.text)) <= FEW and introduces(sentence)
                if short and before and kind == "prose" and before.citable:
                    text = passage.text[before.start - passage.start : sentence.end - passage.start]
                    sentence = replace(sentence, start=before.start, text=text)
                first.append(Candidate(passage, sentence))
            before = sentence
    return first


def beneath(context: Context, opening: Candidate) -> list[Sentence]:
    """The lines of code right beneath a sentence, or the items where it introduces them; MOST at most. They may lie in
    the next passage."""
    passage, sentence = opening
    behind = context.corpus.following(passage.document, sentence.end, MOST)
    kinds = ("code", "item") if introduces(sentence) and sentence.kind != "code" else ("code",)
    if not behind or behind[0].kind not in kinds:
        return []
    return list(takewhile(lambda other: other.kind == behind[0].kind, behind))


def introduces(sentence: Sentence) -> bool:
    return sentence.text.rstrip("*_` \n").endswith((":", "...", "…"))


def placed(each: Instruction) -> str:
    """Under its heading, as it is read, for comparing in meaning."""
    passage, sentence = each.opening
    above = [other.text.strip("#=*_ \n") for other in passage.sentences[: sentence.number] if other.kind == "heading"]
    return as_read(f"{one_line(above[-1] if above else passage.under)}: {each.text}")


def led_on(context: Context, opening: Candidate) -> Candidate:
    """A sentence that introduces something says nothing without it: the two as one quote."""
    passage, sentence = opening
    steps = beneath(context, opening) if sentence.kind != "code" else []
    if not steps and sentence.text.rstrip().endswith(":"):
        steps = [other for other in passage.sentences if other.start >= sentence.end][:1]
    return quote(context, opening, steps)


def quote(context: Context, opening: Candidate, steps: Sequence[Sentence]) -> Candidate:
    if not steps:
        return opening
    passage, sentence = opening
    end = steps[-1].end
    text = context.corpus.text(passage.document)[sentence.start : end]
    return Candidate(passage, replace(sentence, end=end, text=text))


def told(context: Context, each: Instruction) -> str:
    """The answer: the sentence on one line, then the lines beneath it as they stand."""
    opening, steps = each
    if opening.sentence.kind != "code" and not steps:
        return opening.text
    text = context.corpus.text(opening.passage.document)
    lines = [opening.sentence, *steps] if opening.sentence.kind == "code" else steps
    start = text.rfind("\n", 0, lines[0].start) + 1  # with the blanks that indent the first of them
    block = dedent(FENCE.sub("", text[start : lines[-1].end])).strip("\n")
    return block if opening.sentence.kind == "code" else f"{opening.text}\n{block}"
