"""The passages that a question is read over: at first, and when it is still open.

A question of several hops names the first document and asks about the second; the second's name stands in the first
(IRCoT, Trivedi et al. 2023, searches with what the last step found; here it is found without a further model call).
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.filter import Filter
from agentflow.corpus.parsing.chunks import is_question
from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.search.asking import nearest_asking
from agentflow.corpus.search.rarity import Rarity
from agentflow.corpus.search.search import Searcher
from agentflow.corpus.store import Corpus
from agentflow.research.abilities import can
from agentflow.research.forms.asked import ALIKE
from agentflow.research.forms.definition import defining
from agentflow.research.passages.changelog import left_out
from agentflow.research.passages.relevance import ranking
from agentflow.research.passages.shown import ROOM, show
from agentflow.research.passages.titled import named_documents, titled
from agentflow.research.question.planning import is_broad
from agentflow.research.question.same_question import without_topic
from agentflow.research.rewording import reworded
from agentflow.text.words import content_words

MOST = 8  # passages of a search
KEPT = 4  # of the passages that did not tell, in front of those of a further round
CHANGES = 2  # passages of change logs
LOOKED_AT = 48  # passages, and headings, looked through for one that asks the same
DIRECT = 0.6  # of the passages, found by the question itself; what these name is the rest
NAME = re.compile(r"\b[A-Z][\w’'-]+(?:[ ](?:of |the |de |von |van |and )?[A-Z][\w’'-]+)*")
LEADING = 3  # passages whose names are searched for
NAMES, WORDS, FOUND = 4, 6, 4  # of each passage; of the question, beside a name; passages found by each search


async def gather(
    context: Context,
    question: str,
    lists: Sequence[Sequence[Passage]],
    k: int,
    before: Sequence[int],
    where: Filter | None,
) -> list[int]:
    """Ids of passages: `before`, and the `k` best of every search by turns.

    The opening of the document that the question names by its title or finds first is among them: there it stands who
    wrote it, when, and what it is about. So are a passage that defines what it asks the nature of, one under a heading that
    asks the same, and, for a model that tells many passages apart, what the first ones name, in place of the last.
    """
    corpus = context.corpus
    room = ROOM if len(lists) > 1 else k
    chunks = list(dict.fromkeys([*before, *by_turns(lists, k)]))[:room]
    if can(context, "reader", "point") and not is_broad(question):
        first = corpus.passages(chunks[: math.ceil(room * DIRECT)])
        named = await led_to(context.searcher, corpus, leads(Rarity(corpus, question), first), first, where)
        chunks = list(dict.fromkeys([*(passage.chunk for passage in first), *named, *chunks]))[:room]
    meant = titled(corpus, question, context.searcher.scope) + [found[0].document for found in lists if found]
    telling = [*await defining(context, question, where), *await asking_the_same(context, question, where)]
    wanted = [*telling, *corpus.openings(meant)]
    lacking = [chunk for chunk in dict.fromkeys(wanted) if chunk not in chunks][: room // 4]
    beyond = len(chunks) + len(lacking) - room
    last = [chunk for chunk in chunks if chunk not in wanted][-beyond:] if beyond > 0 else []
    return [*(chunk for chunk in chunks if chunk not in last), *lacking]


async def read_over(
    context: Context, state: Mapping[str, Any], lists: Sequence[Sequence[Passage]], where: Filter | None
) -> list[int]:
    """Ids of the passages that the next answer is read over: in a further round what was named, behind the best that were read; of an overview
    of everything the beginnings; else the best of every search."""
    chunks: list[int] = state["chunks"]
    if state.get("subject") == "" and not state["searches"]:
        return chunks
    if state.get("subject") == "":
        return list(dict.fromkeys([*beginnings(context), *by_turns(lists, state["k"])]))[:ROOM]
    if state["round"]:
        return list(dict.fromkeys([*chunks[:KEPT], *state.get("named", []), *chunks[KEPT:]]))[:ROOM]
    return await gather(context, state["asked"], lists, state["k"], chunks, where)


def beginnings(context: Context) -> list[int]:
    """Ids of the first passages of the newest documents that may be read, for an overview of them all."""
    newest = sorted(context.corpus.readable_documents(context.searcher.scope), key=lambda one: one.date, reverse=True)
    if len(newest) > ROOM:
        context.note(
            f"an overview of the newest {ROOM} of {len(newest)} documents: name a subject for one of the others"
        )
    return context.corpus.openings(one.id for one in newest[:ROOM])


def passages_of(context: Context, documents: Sequence[int]) -> list[int]:
    """Ids of the passages of documents, the first of each, then the second of each; ROOM at most."""
    every = [context.corpus.chunks_of(document) for document in documents]
    return [chunks[place] for place in range(ROOM) for chunks in every if place < len(chunks)][:ROOM]


def by_turns(lists: Sequence[Sequence[Passage]], k: int) -> list[int]:
    """Ids of the `k` best of every search: the first of each, then the second of each."""
    return [passages[place].chunk for place in range(k) for passages in lists if place < len(passages)]


async def asking_the_same(context: Context, question: str, where: Filter | None) -> list[int]:
    """Ids of the passages under a heading that asks the question in other words, the nearest first: of the headings that
    share words with it, wherever they stand, and of those over and in the passages that a search finds."""
    corpus, searcher = context.corpus, context.searcher
    found = await searcher.search(question, k=LOOKED_AT, where=where)
    scope = searcher.within(where).scope
    worded = corpus.passages(nearest_asking(corpus, Rarity(corpus, question), scope, LOOKED_AT))
    question = without_topic(corpus, question)
    asking = {
        (passage.document, passage.heading): (passage, passage.under)
        for passage in [*reversed(found), *worded]
        if is_question(passage.under)
    }
    for passage in found:  # a plain text asks in a line
        for line in filter(asks_in_text, passage.sentences):
            asking.setdefault((passage.document, line.text), (passage, one_line(line.text)))
    alike = await searcher.similarity(question, [text for _, text in asking.values()]) if asking else []
    ranked = sorted(zip(alike, asking.values(), strict=False), key=lambda item: -item[0])
    return list(dict.fromkeys(passage.chunk for likeness, (passage, _) in ranked if likeness >= ALIKE))


def asks_in_text(sentence: Sentence) -> bool:
    return sentence.kind == "prose" and is_question(sentence.text)


async def expand(
    context: Context, questions: Sequence[str], shown: Sequence[Passage], where: Filter | None
) -> tuple[list[str], list[int]]:
    """What to search for, by other words for each open question and by the names in the passages nearest to it, and the ids of
    passages that this finds; before them those that gave way to names at first, and those of change logs."""
    queries: list[str] = []
    other = await reworded(context, questions)
    found = [await context.searcher.search(query, k=FOUND, where=where) for query in other]
    best = [await context.searcher.search(question, where=where) for question in questions]
    for question in questions:
        rarity = Rarity(context.corpus, question)
        ranked = await ranking(context, rarity, show(shown).sentences)
        nearest = {candidate.passage.chunk: candidate.passage for candidate, _ in ranked}
        queries += leads(rarity, list(nearest.values()))
    named = await led_to(context.searcher, context.corpus, queries, shown, where) if questions else []
    changes = [
        chunk for question, passages in zip(questions, best, strict=True) for chunk in left_out(question, passages)
    ]
    have = {passage.chunk for passage in shown}
    gave_way = best if other else []  # only where names took the place of the last
    passed, worded = ([chunk for chunk in by_turns(lists, MOST) if chunk not in have] for lists in (gave_way, found))
    return [*other, *queries], list(dict.fromkeys([*changes[:CHANGES], *passed[:FOUND], *worded[:FOUND], *named]))


def leads(rarity: Rarity, passages: Sequence[Passage]) -> list[str]:
    """What to search for: each name that the first passages bring up, with what its passage leaves open of the question."""
    asked = set(content_words(rarity.question))
    found: dict[str, None] = {}
    for passage in passages[:LEADING]:
        rest = " ".join(rarity.open_words(f"{passage.source} {passage.text}")[:WORDS])
        names = dict.fromkeys(match.group() for match in NAME.finditer(passage.text))
        new = [name for name in names if len(name) > 3 and not set(content_words(name)) & asked]
        found |= dict.fromkeys(f"{name} {rest}".strip() for name in new[:NAMES])
    return list(found)


async def led_to(
    searcher: Searcher, corpus: Corpus, queries: Iterable[str], passages: Sequence[Passage], where: Filter | None = None
) -> list[int]:
    """Ids of passages beside those given, the best first: by how often and how far in front the queries find them, and
    whether the passages given name their document."""
    score: dict[int, float] = dict.fromkeys(corpus.openings(named_documents(corpus, passages, searcher.scope)), 1.0)
    for query in queries:
        for rank, found in enumerate(await searcher.search(query, k=FOUND, where=where), 1):
            score[found.chunk] = score.get(found.chunk, 0.0) + 1 / rank
    have = {passage.chunk for passage in passages}
    return sorted(score.keys() - have, key=lambda chunk: (-score[chunk], chunk))
