"""Questions that a few words cannot answer, how to, why, under what conditions: the section that tells it, as it
stands. Where it is comes from the model that points there, or from what is nearest."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, takewhile
from typing import Any

from agentflow.context import Context
from agentflow.corpus.evidence import cite
from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.passages.shown import Candidate
from agentflow.research.passages.steps import MARK, introduces, with_steps
from agentflow.research.passages.titled import about_another
from agentflow.research.question.direct import direct
from agentflow.research.question.planning import asks_reason, wants_explanation, wants_instruction
from agentflow.research.reply import Reply

# Near by its meaning, half by its words, less its place in the search and the chance that the model gives to there being no
# answer: of 72 such questions, and which ones, 24 get the section that tells all, 6 another; of 12 without an answer 2.
TOLD, BY_WORDS, BY_PLACE = 0.5, 0.5, 0.02
TABULAR = ("row", "columns", "field")
LONGEST, AT_ONCE = 900, 600  # characters: of a section that answers; of one that is not cut to its paragraph
FURTHER, MOST = 20, 60  # sentences looked up behind a passage, and around one
LINES = re.compile(rf"^[ \t]*{MARK}", re.MULTILINE)  # as it stands, since it is a list
WE = r"(?:i|we|you|one|people|someone|somebody)"
CONDITION = re.compile(
    "|".join(
        (
            r"(?:in|under|on) (?:what|which) (?:cases?|situations?|conditions?|circumstances|terms)\b",
            rf"when (?:may|can) {WE}\b",
            r"when (?:do|does|is|are|am) .*\b(?:not have to|allowed|permitted|forbidden|exempt)\b",
            rf"when (?:do|must) {WE} (?:have to )?(?!\w+ing\b)\w+ (?:a|an|the|out|all)\b",
            r"(?:in|what is the|what's the) (?:what |which )?(?:sequence|order)\b",
            r"(?:the )?(?:steps|instructions|procedure|checklist) (?:for|to)\b",
            r"what (?:else )?(?:are|is|am|do|does|must|should|can|has|have) (?:\S+ ){1,6}?(?:need|needs|supposed|forbidden|allowed|required|expected|have to|has to|bring|hand over)\b",
            r"what(?: is|'s) the (?:proper|right|best|correct|usual) way\b",
            r"what needs (?:doing|to be done)\b",
            r"when would .*\b(?:allowed|permitted)\b",
            r"what (?:do|does) .* (?:want|expect|need|require|ask) (?:from|of) (?:us|me|you)\b",
            r"what (?:must|has to|needs to|should) (?:\S+ ){0,4}?(?:be|have|do|send|bring|give)\b",
            rf"what (?:should|must|do) {WE} do\b",
            r"how (?:is|are|should|must) (?:\S+ ){1,6}?(?:be )?(?!(?:call|nam|spell|relat|bas|suppos|ne)ed\b)(?:[a-z]{3,}ed|done|made|put|kept|sent|given|taken|shut|cut)\b",
        )
    ),
    re.IGNORECASE,
)
PRESCRIBES = re.compile(
    r"\b(?:must|should|shall|ha(?:s|ve) to|needs? to|required|allowed|permitted|forbidden|never|always|unless|do not|don['’]t"
    r"|you|your|we|our|please|make sure)\b",
    re.IGNORECASE,
)
PAST = re.compile(r"\b(?:was|were|had|did|ha(?:s|ve) (?:been|\w+ed)|in (?:1\d|20)\d\d)\b", re.IGNORECASE)
GROUNDS = re.compile(
    r"(?:on|for) (?:what|which) (?:grounds|reasons?)\b|how come\b|what (?:is|was|lies|lay) behind\b|what (?:is|was) the matter\b|what went wrong\b",
    re.IGNORECASE,
)


def wants_section(question: str) -> bool:
    """Whether a person asks what takes several sentences or points to tell."""
    return is_stepwise(question) or wants_explanation(question) or bool(GROUNDS.match(direct(question)))


def is_stepwise(question: str) -> bool:
    """Whether it asks for all that is to be done or kept, of which one sentence is too little."""
    return wants_instruction(question) or (bool(CONDITION.match(direct(question))) and not asks_reason(question))


async def section_told(
    context: Context, rarity: Rarity, passages: Sequence[Passage], none: float, said: Reply
) -> Reply:
    """The section that tells it, where nothing was said or a phrase is too little; else what was said. `none` is the chance
    that the model gives to there being no answer."""
    question = rarity.question
    if not wants_section(question) or (said.evidence and not is_stepwise(question)):
        return said
    score, best = await nearest_section(context, rarity, passages)
    if best is None or score - none < TOLD or about_another(context.corpus, question, best.passage, passages):
        return said
    covered = rarity.coverage(f"{best.source} {best.passage.text}")
    return Reply(question, support="supported", covered=covered, passage=best.passage, **told(context, best))


def section_around(context: Context, said: Reply) -> Reply:
    """What was said; of all that is to be done or kept the section of the sentence that it rests on, of a long one the
    paragraph."""
    if not said.evidence or not said.passage or not is_stepwise(said.question):
        return said
    start, document = said.evidence.start, said.passage.document
    near = context.corpus.following(document, max(0, start - LONGEST), MOST)
    at = next((place for place, one in enumerate(near) if one.start <= start < one.end), None)
    if at is None or near[at].kind in (*TABULAR, "code"):
        return said
    section = run_around(near, at, is_one_section)
    text = context.corpus.text(document)
    paragraph = run_around(section, section.index(near[at]), lambda *two: is_one_paragraph(text, *two))
    for run, most in ((section, AT_ONCE), (paragraph, LONGEST)):
        if len(run) > 1 and run[-1].end - run[0].start <= most and not is_history(run):
            return replace(said, **told(context, with_steps(context, Candidate(said.passage, run[0]), run[1:])))
    return said


def is_history(run: Sequence[Sentence]) -> bool:
    """Whether it only tells what happened: of this the model's words are the answer, not all that stands around them."""
    text = " ".join(one.text for one in run)
    return all(one.kind == "prose" for one in run) and bool(PAST.search(text)) and not PRESCRIBES.search(text)


def run_around(items: Sequence[Sentence], at: int, joined: Callable[[Sentence, Sentence], bool]) -> Sequence[Sentence]:
    """Those in a row with the one there that are joined, each with the next."""
    first = last = at
    while first and joined(items[first - 1], items[first]):
        first -= 1
    while last + 1 < len(items) and joined(items[last], items[last + 1]):
        last += 1
    return items[first : last + 1]


def is_one_section(one: Sentence, other: Sentence) -> bool:
    """Whether no heading and no table parts two in a row."""
    return not {one.kind, other.kind} & {"heading", *TABULAR}


def is_one_paragraph(text: str, one: Sentence, other: Sentence) -> bool:
    """Whether no blank line parts two in a row of this text; a list is one with what introduces it."""
    listed = other.kind == "item" and (one.kind == "item" or introduces(one))
    return listed or not re.search(r"\n\s*\n", text[one.end : other.start])


def told(context: Context, section: Candidate) -> dict[str, Any]:
    """The section as an answer and its quote: on one line, unless lines are what it is made of."""
    text = section.sentence.text if LINES.search(section.sentence.text) else section.text
    return {"text": text, "evidence": cite(context.corpus, *section)}


async def nearest_section(
    context: Context, rarity: Rarity, passages: Sequence[Passage]
) -> tuple[float, Candidate | None]:
    found = [(place, section) for place, passage in enumerate(passages) for section in sections(context, passage)]
    texts = [f"{section.source} {section.text}" for _, section in found]
    alike = await context.searcher.similarity(rarity.question, texts) if found else []
    near = [
        (likeness + BY_WORDS * rarity.coverage(text) - BY_PLACE * place, section)
        for likeness, text, (place, section) in zip(alike, texts, found, strict=False)
    ]
    return max(near, key=lambda pair: pair[0], default=(0.0, None))


def sections(context: Context, passage: Passage) -> Iterator[Candidate]:
    """What stands between two headings, from each on that is in the passage; no table, nor the fields at the head of a document."""
    for is_heading, group in groupby(passage.sentences, key=lambda sentence: bool(sentence.names)):
        begun = list(group)
        if not is_heading and any(one.citable and one.kind not in TABULAR for one in begun):
            yield whole(context, passage, begun)


def whole(context: Context, passage: Passage, begun: Sequence[Sentence]) -> Candidate:
    """From its first sentence to the next heading, as far as a person reads at once."""
    first, *steps = begun
    if begun[-1] is passage.sentences[-1]:
        further = context.corpus.following(passage.document, begun[-1].end, FURTHER)
        steps += takewhile(lambda one: not one.names and one.end - first.start <= LONGEST, further)
    return with_steps(context, Candidate(passage, first), steps)
