"""Default values: the value next to the word `default`, where its line or section is about the thing asked for."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.passages.leaning import refers_back
from agentflow.research.passages.relevance import relevance
from agentflow.research.passages.shown import Candidate
from agentflow.research.passages.steps import up_to_heading, with_steps
from agentflow.research.question.direct import direct
from agentflow.research.question.kinds import BARE, EXTENT, UNIT
from agentflow.research.question.planning import MEASURE, is_polar, wants_explanation
from agentflow.text.words import content_words, stem, words

ASKS = re.compile(r"\bdefaults?\b", re.IGNORECASE)
CODE = r"`{1,2}[^`\n]+`{1,2}|[‘'\"“][^’'\"”\n]+[’'\"”]"
WORD = rf"(?!the\b|an?\b|to\b|not\b|used\b|set\b|that\b|what\b)[^\s,;()]+(?: {UNIT}\b)?"
VALUE = re.compile(  # what stands for a value; a sentence that says `default` otherwise is told whole
    rf"\(default(?: is|:| =|=)?\s*(?P<inside>{CODE}|[^,;()\n]+)"
    rf"|^\W*default(?: value)?\W*:\W*?\s(?P<field>[^\n]+)"
    rf"|\bdefaults? to (?P<to>{CODE}|{WORD})"
    rf"|\bdefault(?: \w+)?(?: is|:| =) (?P<told>{CODE}|{WORD})"
    rf"|(?P<named>{CODE}|[\w.-]+(?= \()) (?:\([^()]*\) )?(?:by default\b|\((?:\*\*|the )?default(?:\*\*)?\))"
    r"|(?P<whole>\bdefault\b)",
    re.IGNORECASE,
)
EMPTY = frozenset(stem(word) for word in "default value setting option what which kind type sort".split())
UNITS = re.compile(rf"\b(?:in|many|number of) ({UNIT})\b", re.IGNORECASE)
SWITCH = re.compile(
    r"(?:true|false|none|null|on|off|yes|no|enabled|disabled|nil)", re.IGNORECASE
)  # tells no place and no amount
THING = re.compile(r"(?:where|when|who|how)\b", re.IGNORECASE)
PLACE = re.compile(r"(?:where|who)\b", re.IGNORECASE)
LOOKED_AT = 24  # passages of a search without the word `default`
WHOLE = 0.9  # the same by a sentence that is told whole
LEAST = 0.67  # of what is asked, by rarity, that the line and its section have to speak of
SECTION = 2  # sentences of a section that tell what its `Default:` is of
MARKS = "`'\"‘’“”*[]<>.: "


class Default(NamedTuple):
    """A value, its line with the lines beneath it, and what they are about."""

    value: str
    line: Candidate
    beneath: list[Sentence]
    about: str


async def default_answer(context: Context, question: str, passages: Sequence[Passage]) -> tuple[str, Candidate] | None:
    """The value and its line; None where the question asks for something else or no default is given."""
    extent = EXTENT.search(question)
    if not (ASKS.search(question) or extent) or is_polar(question) or wants_explanation(question):
        return None
    wanted = Rarity(context.corpus, MEASURE.sub("", question))
    wanted.weight = {word: weight for word, weight in wanted.weight.items() if word not in EMPTY} or wanted.weight
    bare = " ".join(word for word in words(question) if stem(word) not in EMPTY)
    more = await context.searcher.search(bare, k=LOOKED_AT)
    found = [
        each
        for passage in {one.chunk: one for one in [*more, *passages]}.values()
        for each in defaults(passage, lines=extent is None)
        if is_about(wanted, each) and may_be(question, each.value)
    ]
    if not found:
        return None
    abouts = [each.about for each in found]
    cosines = await context.searcher.similarity(question, abouts)
    near = relevance(wanted, abouts, [each.line.source for each in found], cosines)
    best = max(zip(near, found, strict=True), key=lambda pair: pair[0])[1]
    units = (
        [unit for unit in UNITS.findall(best.about) if len(unit) > 2] if extent and BARE.fullmatch(best.value) else []
    )
    return " ".join([best.value, *units[:1]]), with_steps(context, best.line, best.beneath)


def may_be(question: str, value: str) -> bool:
    """Whether a value may answer: `true` is no place and no amount, a number is no place."""
    asked = direct(question)
    return not (THING.match(asked) and SWITCH.fullmatch(value)) and not (PLACE.match(asked) and BARE.fullmatch(value))


def is_about(wanted: Rarity, each: Default) -> bool:
    """Whether the line and its section speak of what is asked, a sentence without a value of nearly all; of several words one
    is too few, however rare it is."""
    least = WHOLE if each.value == each.line.text else LEAST
    met = wanted.weight.keys() & set(content_words(each.about))
    return wanted.coverage(each.about) >= least and len(met) >= min(2, len(wanted.weight))


def defaults(passage: Passage, *, lines: bool = True) -> Iterator[Default]:
    """All that a passage tells; a line `Default: 30` is about what its heading and the sentences beneath it say. Without
    `lines` such alone."""
    heading = passage.under
    for place, sentence in enumerate(passage.sentences):
        heading = sentence.names or heading
        if sentence.citable and (told := VALUE.search(sentence.text)):
            value = one_line(next(filter(None, told.groups()))).split("<br")[0].strip(MARKS)
            value = one_line(sentence.text) if told["whole"] else value
            beneath = up_to_heading(passage.sentences[place + 1 :])[:SECTION] if told["field"] else []
            before = passage.sentences[max(0, place - 1) : place] if refers_back(sentence.text) else []
            about = " ".join(one.text for one in [*before, sentence, *beneath])
            if value and (lines or UNITS.search(about)):
                yield Default(value, Candidate(passage, sentence), beneath, one_line(f"{heading}: {about}"))
