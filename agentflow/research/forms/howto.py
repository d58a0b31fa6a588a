"""How to do something: the instruction nearest to the question, with the code or the list beneath it.

A small model copies a sentence near the question, which tells of the thing and not how it is done; which sentence instructs
can be seen by its words and by what stands beneath it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.passages.changelog import tells_changes
from agentflow.research.passages.relevance import relevance
from agentflow.research.passages.shown import Candidate
from agentflow.research.passages.steps import REMARKED, beneath, introduces
from agentflow.text.markup import as_read
from agentflow.text.opposites import opposite
from agentflow.text.words import content_words, words

FEW = 2  # content words that say nothing by themselves
COMPARED = 6  # lines of code compared with the question
CODE, INSTRUCTS = 0.12, 0.06  # what code beneath, and the words of an instruction, add to the relevance
LEAST = 0.65  # relevance of an instruction that answers
COVERED = 0.67  # of the question, weighed by rarity, by what answers it and the place it stands at
WORD = re.compile(r"[^\W_]+")
INSTRUCTION = re.compile(
    r"^\W*(?:to|if you|use|run|add|set|pass|call|install|create|first|simply|just|then|open|press|import|define"
    r"|do the following|follow|here(?: is|['’]s) how|the (?:easiest|simplest|recommended|preferred) way)\b"
    r"|\b(?:you (?:can|could|may|need)|can be (?:used|set|done|installed)|by (?:using|running|passing|setting|adding)"
    r"|(?:using|use|with) the)\b",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"\d+[.)]\s")
SIGNATURE = re.compile(r"(?:class|def|async def|function|public|private|static|void)\b")


class Instruction(NamedTuple):
    """A sentence or a line of code, and the lines beneath it."""

    opening: Candidate
    steps: list[Sentence]

    @property
    def beneath(self) -> list[str]:
        return [step.text for step in self.steps]

    @property
    def code(self) -> list[str]:
        lines = [self.opening.sentence, *self.steps]
        return [line.text for line in lines if line.kind == "code"]

    @property
    def text(self) -> str:
        """The sentence and the first lines of code, which say what is done; not a list, which tells of more than that, nor
        lines that say it by themselves."""
        code = [line for line in self.code[:COMPARED] if not REMARKED.search(line)]
        return one_line(" ".join(dict.fromkeys([self.opening.text, *code])))

    @property
    def placed(self) -> str:
        """The text under its heading, as a page shows it."""
        passage, sentence = self.opening
        above = [other.names for other in passage.sentences[: sentence.number] if other.names]
        return as_read(f"{above[-1] if above else passage.under}: {self.text}")

    @property
    def instructs(self) -> bool:
        numbered = any(NUMBERED.match(step.text) for step in self.steps)
        return numbered or bool(INSTRUCTION.search(self.opening.text))

    def is_opposite(self, question: str) -> bool:
        """Whether it tells how to turn on what is to be turned off, or names what is asked for as missing: `no GPU`."""
        asked, said = set(words(question)), words(self.text)
        denied = {word for before, word in pairwise(said) if before in ("no", "without")}
        return bool(denied & asked) or opposite(question, self.text)


async def instruction(context: Context, rarity: Rarity, passages: Sequence[Passage]) -> Instruction | None:
    """The nearest to the question, none when it is not near enough or leaves out too much of what is asked."""
    for best, score in (await ranked(context, rarity, passages))[:1]:
        if score >= LEAST and speaks_of_it(rarity, best.opening.passage, " ".join([best.opening.text, *best.beneath])):
            return best
    return None


def speaks_of_it(rarity: Rarity, passage: Passage, text: str) -> bool:
    """Whether a text, where it stands, speaks of what is to be done: `hatch publish` is not how a Docker image is published
    with it. Of 50 questions and 20 that the documents do not answer it tells apart all right ones from 18."""
    place = " ".join(WORD.findall(f"{passage.path} {passage.source}"))
    return rarity.coverage(f"{place} {text}") >= COVERED


async def ranked(context: Context, rarity: Rarity, passages: Sequence[Passage]) -> list[tuple[Instruction, float]]:
    """The instructions by their nearness to the question in words and meaning, the best first: 0..1, and what code and the
    words of an instruction add."""
    found = [Instruction(opening, steps_of(context, opening)) for opening in openings(passages)]
    found = [each for each in found if (each.code or each.instructs) and not each.is_opposite(rarity.question)]
    alike = await context.searcher.similarity(rarity.question, [each.placed for each in found]) if found else []
    sources = [each.opening.source for each in found]
    near = relevance(rarity, [each.text for each in found], sources, alike)
    scores = [
        score + CODE * bool(each.code) + INSTRUCTS * (each.instructs or introduces(each.opening.sentence))
        for score, each in zip(near, found, strict=True)
    ]
    return sorted(zip(found, scores, strict=True), key=lambda pair: -pair[1])


def openings(passages: Sequence[Passage]) -> list[Candidate]:
    """All that may begin an instruction: no row, nothing of a list of changes; of code beneath a sentence only lines that say
    what they do. A sentence of a few words, `For example:`, goes on from the one before it."""
    found: list[Candidate] = []
    for passage in passages:
        before: Sentence | None = None
        for sentence in passage.sentences if not tells_changes(passage) else ():
            kind = before.kind if before else None
            if opens(sentence, kind):
                short = len(content_words(sentence.text)) <= FEW and introduces(sentence)
                if short and before and kind == "prose" and before.citable:
                    text = passage.text[before.start - passage.start : sentence.end - passage.start]
                    sentence = replace(sentence, start=before.start, text=text)
                found.append(Candidate(passage, sentence))
            before = sentence
    return found


def opens(sentence: Sentence, before: str | None) -> bool:
    """Whether an instruction may begin with it. `before` is the kind of the sentence before it."""
    if sentence.kind != "code":
        return sentence.citable and sentence.kind != "row"
    return bool(REMARKED.search(sentence.text)) or (
        before not in ("code", "prose", "item", "term") and not SIGNATURE.match(sentence.text)
    )


def steps_of(context: Context, opening: Candidate) -> list[Sentence]:
    """What stands beneath; nothing of a line that says itself what it does, nor where a thing of a library is described."""
    if REMARKED.search(opening.text) and opening.sentence.kind == "code":
        return []
    steps = beneath(context, opening)
    return [] if steps and SIGNATURE.match(steps[0].text) and not introduces(opening.sentence) else steps
