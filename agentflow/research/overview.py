"""An overview: what a person wants it of, and what the passages say on that, document by document."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import count
from typing import TypeVar

from agentflow.context import Context
from agentflow.corpus.document import Document
from agentflow.corpus.evidence import Evidence, cite
from agentflow.corpus.parsing.chunks import is_question
from agentflow.corpus.parsing.sentences import FINISHED
from agentflow.corpus.passage import Passage
from agentflow.corpus.readers.lines import field_of
from agentflow.corpus.search.rarity import Rarity
from agentflow.corpus.store import Corpus
from agentflow.research.cut_short import CUT_SHORT
from agentflow.research.passages.mmr import varied
from agentflow.research.passages.placed import placed
from agentflow.research.passages.relevance import ranking
from agentflow.research.passages.shown import Candidate, show
from agentflow.research.passages.steps import introduces
from agentflow.research.passages.titled import Scope
from agentflow.research.question.direct import STARTS, direct
from agentflow.research.writing import MOST_QUOTED, ClaimDraft, quoted, write
from agentflow.text.names import named
from agentflow.text.numbers import MONTHS, numbers
from agentflow.text.words import content_words, families, words

T = TypeVar("T")

TOLD = 3  # claims in the short answer
EACH = 3  # sentences of one document
OPENING = 2  # of them, where all there is is to be told
RELEVANT, AS_MUCH = 0.3, 0.5  # from which a sentence speaks of the subject; of what the best one does
SHORT, ROW = 3, 6  # content words of the shortest sentence that says something by itself; of a line without an end
ALIKE = 0.8  # of a sentence's content words, that one before it has
SPREAD = 0.3  # what nearness to a sentence that is already told takes from the relevance of another
SAID = r"(?:says?|said|tells?(?: us)?|write|written|report(?:ed)?|mention(?:ed)?|known?)"
ON = rf"\b{SAID}\b.{{0,20}}?\b(?:about|on|of)"
FORMS = (
    rf"what (?:do|does|did|is|are|was|were|has|have) (?P<who>.{{0,60}}?){ON}",
    rf"(?:summari[sz]e|describe|discuss|review)(?: (?:what|everything|all)\b.{{0,60}}?{ON})?",
    r"(?:(?:give|write|make|prepare)(?: me| us)? )?(?:an? |the )?(?:short |brief )?(?:overview|summary|review) (?:of|on|about)",
    r"what are the (?:main|key|most important) (?:points|findings|topics|themes|results|facts) (?:of|in|on|about)",
    r"tell (?:me|us) about",
    r"what is known about",
    r"what (?:was|were|has been|did (?:we|they|the [\w-]+)) (?:decided?|discuss(?:ed)?|agreed?(?: on)?|resolved?|happen(?:ed)?) (?:at|in|on|during)",
)
SURVEY = re.compile(
    rf"(?:(?:please|can you|could you) )?(?:(?:{'|'.join(FORMS)}) (?P<of>.+?)|what do(?:es)? (?P<by>.+?) say)[?.!\s]*",
    re.IGNORECASE,
)
GERMAN = re.compile(r"(?:bitte )?fassen? (?:sie |mir )?(?P<of>.+?) (?:kurz )?zusammen[.!\s]*", re.IGNORECASE)
ONE = re.compile(r"(?:the|this|that|der|die|das|den|dieses?|diesen) (?=.)", re.IGNORECASE)
EVERYTHING = set(
    content_words("documents papers files notes folder folders texts pages articles sources corpus collection library")
)


def subject(question: str) -> str | None:
    """`erosion` of `What do these papers say about erosion?`; empty for all that there is to read, `Summarise these
    documents`; None when a question is to be answered."""
    found = SURVEY.fullmatch(direct(question)) or GERMAN.fullmatch(question)
    if found is None or STARTS.match(about := found["of"] or found["by"]):
        return None
    return about if set(content_words(about)) - EVERYTHING else ""


def speakers(question: str) -> set[str]:
    """The names of those whose words are asked for: `What does Ida Brandt say about erosion?`"""
    found = SURVEY.fullmatch(direct(question))
    return set(named(found["who"])) if found and found["who"] else set()


def documents_meant(corpus: Corpus, about: str, scope: Scope) -> list[int]:
    """Ids of the documents that `the minutes of March 2024` means: those that can be read and whose path, title and date have
    all these words, or that lie in a place of that name; none where that is not `the` one of something, or none has them."""
    if not ONE.match(about):
        return []
    wanted = families(ONE.sub("", about))
    for place in placed(corpus, about, scope):
        if wanted <= families(place.name):
            return sorted(place.documents)
    return [one.id for one in corpus.readable_documents(scope) if wanted <= families(label(one))]


def label(document: Document) -> str:
    """Its path, its title and its date in words."""
    year, month, *_ = [*document.date.split("-"), "", ""]
    return f"{document.path} {document.title} {year} {MONTHS[int(month) - 1] if month else ''}"


async def overview(
    context: Context, question: str, subject: str, passages: Sequence[Passage], most: int
) -> tuple[list[ClaimDraft], list[tuple[Evidence, float]]]:
    """Claims, in the writer's words where it can write, and the evidence they were written from with its relevance, 0..1.
    An empty subject is all that there is to read."""
    names = speakers(question)
    passages = spoken_by(names, passages)
    told = [*(replies(subject, passages) if names else []), *await chosen(context, subject, passages, most)]
    cited = {item.id: (item, score) for pair, score in told[:most] for item in [cite(context.corpus, *pair)]}
    best = list(cited.values())
    evidence = [item for item, _ in best]
    try:
        return await write(context, question, evidence) if evidence else [], best
    except CUT_SHORT as reason:
        context.note(f"not written: {reason}; the best quotes stand as they are", "warning")
    return [quoted(item) for item in evidence[:MOST_QUOTED]], best


async def chosen(
    context: Context, subject: str, passages: Sequence[Passage], most: int
) -> list[tuple[Candidate, float]]:
    """The sentences that tell most of the subject, no two alike and few of one document, with their relevance. Those that become
    claims come first, and among them, as among the rest, those of one document together."""
    sentences = show(passages).sentences
    telling = [candidate for candidate in sentences if tells(candidate)] or sentences
    if subject:
        ranked = await ranking(context, Rarity(context.corpus, subject), telling)
        if not ranked or ranked[0][1] < RELEVANT:
            ranked = await ranking(context, Rarity(context.corpus, subject), sentences)
    else:
        ranked = [(candidate, 1.0) for candidate in openings_first(telling)]
    single = len({candidate.passage.document for candidate in telling}) == 1
    least = max([RELEVANT, *(AS_MUCH * score for _, score in ranked[:1])])
    kept: list[tuple[Candidate, float]] = []
    taken = Counter[int]()
    each = EACH if subject else most if single else OPENING
    near = [pair for pair in ranked if pair[1] >= least]
    texts = [candidate.text for candidate, _ in near]
    async for candidate, score in varied(context.searcher, near, texts, SPREAD if subject else 0.0):
        document = candidate.passage.document
        if len(kept) == most:
            break
        if taken[document] < each and not any(says_the_same(candidate.text, other.text) for other, _ in kept):
            taken[document] += 1
            kept.append((candidate, score))
    return [*by_document(kept[:MOST_QUOTED]), *by_document(kept[MOST_QUOTED:])]


def by_document(told: Sequence[tuple[Candidate, float]]) -> list[tuple[Candidate, float]]:
    """Those of one document together, the document with the first one first."""
    order = list(dict.fromkeys(candidate.passage.document for candidate, _ in told))
    return sorted(told, key=lambda pair: order.index(pair[0].passage.document))


def openings_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    """What opens a section, then what comes second in one."""
    return by_turns(candidates, lambda candidate: (candidate.passage.document, candidate.source))


def by_turns(items: Iterable[T], group: Callable[[T], Hashable]) -> list[T]:
    """The first of each group, then the second of each."""
    turn = defaultdict[Hashable, Iterator[int]](count)
    return sorted(items, key=lambda item: next(turn[group(item)]))


def spoken_by(names: set[str], passages: Sequence[Passage]) -> Sequence[Passage]:
    """The passages of documents that have one of these names in their title or path, where any has."""
    own = [passage for passage in passages if names & set(words(f"{passage.source} {passage.path}"))]
    return own or passages


def replies(subject: str, passages: Sequence[Passage]) -> list[tuple[Candidate, float]]:
    """What follows a question on the subject, as in an interview, up to the next one; with the relevance of what speaks of it."""
    found = []
    for passage in passages:
        asked = False
        for sentence in passage.sentences:
            if is_question(sentence.text):
                asked = families(subject) <= families(sentence.text)
            elif asked and sentence.citable:
                found.append((Candidate(passage, sentence), RELEVANT))
    return found


def tells(candidate: Candidate) -> bool:
    """Whether the sentence says something by itself: no line of code, row or field of a header, no title, no few words, and
    not what introduces something."""
    if candidate.sentence.kind in ("code", "row") or introduces(candidate.sentence):
        return False
    least = SHORT if FINISHED.search(candidate.text) else ROW
    return field_of(candidate.text) is None and len(content_words(candidate.text)) >= least


def says_the_same(one: str, other: str) -> bool:
    """Whether it has most words of the other and no number beyond it: `four hours` is news after `sixteen hours`."""
    mine = set(content_words(one))
    return len(mine & set(content_words(other))) >= ALIKE * len(mine) and numbers(one) <= numbers(other)


def summary(claims: Sequence[str], documents: Sequence[str]) -> str:
    """The first claim of each document, then the second, as one text. `documents` are those of the claims."""
    ranked = by_turns(zip(claims, documents, strict=True), lambda pair: pair[1])
    return " ".join(claim if FINISHED.search(claim) else f"{claim}." for claim, _ in ranked[:TOLD])
