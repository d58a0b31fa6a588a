"""Questions that a few words cannot answer, how to, why, under what conditions: the section that tells it, as it
stands."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agentflow.context import Context
from agentflow.corpus.evidence import cite
from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.passages.dated import of_another_year
from agentflow.research.passages.shown import Candidate
from agentflow.research.passages.titled import of_another, of_another_thing
from agentflow.research.question.direct import direct
from agentflow.research.question.planning import asks_reason, wants_explanation, wants_instruction
from agentflow.research.reply import Reply

# Near by its meaning, half by its words, less its place in the search and the chance that the model gives to there being no
# answer: of 72 such questions, and which ones, 24 get the section that tells all, 6 another; of 12 without an answer 2.
TOLD, BY_WORDS, BY_PLACE = 0.5, 0.5, 0.02
TABULAR = ("row", "columns", "field")
LONGEST = 900  # characters
FURTHER = 20  # sentences looked up behind a passage
LINES = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s", re.MULTILINE)  # as it stands, since it is a list
WE = r"(?:i|we|you|one|people|someone|somebody)"
CONDITION = re.compile(
    rf"(?:in|under|on) (?:what|which) (?:cases?|situations?|conditions?|circumstances|terms)\b|when (?:may|can) {WE}\b"
    rf"|when (?:do|does|is|are|am) .*\b(?:not have to|allowed|permitted|forbidden|exempt)\b|when (?:do|must) {WE} (?:have to )?(?!\w+ing\b)\w+ (?:a|an|the|out|all)\b"
    rf"|(?:in|what is the|what's the) (?:what |which )?(?:sequence|order)\b|(?:the )?(?:steps|instructions|procedure|checklist) (?:for|to)\b"
    rf"|what (?:else )?(?:are|is|am|do|does|must|should|can|has|have) (?:\S+ ){{1,6}}?(?:need|needs|supposed|forbidden|allowed|required|expected|have to|has to|bring|hand over)\b"
    rf"|what(?: is|'s) the (?:proper|right|best|correct|usual) way\b|what needs (?:doing|to be done)\b|when would .*\b(?:allowed|permitted)\b"
    rf"|what (?:do|does) .* (?:want|expect|need|require|ask) (?:from|of) (?:us|me|you)\b"
    rf"|what (?:must|has to|needs to|should) (?:\S+ ){{0,4}}?(?:be|have|do|send|bring|give)\b|what (?:should|must|do) {WE} do\b",
    re.IGNORECASE,
)
GROUNDS = re.compile(
    r"(?:on|for) (?:what|which) (?:grounds|reasons?)\b|how come\b|what (?:is|was|lies|lay) behind\b|what (?:is|was) the matter\b|what went wrong\b",
    re.IGNORECASE,
)


def wants_section(question: str) -> bool:
    """Whether a person asks what takes several sentences or points to tell."""
    asked = direct(question)
    return is_stepwise(question) or wants_explanation(question) or bool(GROUNDS.match(asked))


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
    if best is None or score - none < TOLD or is_of_another(context, question, best.passage, passages):
        return said
    covered = rarity.coverage(f"{best.source} {best.passage.text}")
    text = best.sentence.text if LINES.search(best.sentence.text) else best.text
    return Reply(question, text, cite(context.corpus, *best), "supported", covered, best.passage)


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


def is_of_another(context: Context, question: str, passage: Passage, passages: Sequence[Passage]) -> bool:
    """Whether it is about another name, thing or year than the question."""
    return bool(
        of_another(context.corpus, question, passage, passages)
        or of_another_thing(context.corpus, question, passage)
        or of_another_year(question, passage, passages)
    )


def sections(context: Context, passage: Passage) -> Iterator[Candidate]:
    """What stands between two headings, from each on that is in the passage; no table, nor the fields at the head of a document."""
    begun: list[Sentence] = []
    for sentence in [*passage.sentences, None]:
        if sentence is not None and not sentence.names:
            begun.append(sentence)
            continue
        if begun and any(one.citable and one.kind not in TABULAR for one in begun):
            yield whole(context, passage, begun, ends=sentence is not None)
        begun = []


def whole(context: Context, passage: Passage, begun: Sequence[Sentence], *, ends: bool) -> Candidate:
    """From its first sentence to the next heading, as far as a person reads at once."""
    first, end = begun[0], begun[-1].end
    if not ends:
        for further in context.corpus.following(passage.document, end, FURTHER):
            if further.names or further.end - first.start > LONGEST:
                break
            end = further.end
    text = context.corpus.text(passage.document)[first.start : end]
    return Candidate(passage, replace(first, end=end, text=text))
