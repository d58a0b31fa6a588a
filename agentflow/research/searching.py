"""The first search: by each question, and by a sentence such as may answer it, whose words are nearer to a document's."""

from collections.abc import Sequence
from dataclasses import replace

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.fusion import by_reciprocal_rank
from agentflow.corpus.search.rarity import Rarity
from agentflow.events import Searched
from agentflow.research.answers.by_form import by_form
from agentflow.research.cut_short import CUT_SHORT
from agentflow.research.forms.asked import document_answer
from agentflow.research.passages.changelog import search_current
from agentflow.research.passages.relevance import in_its_words
from agentflow.research.passages.shown import show

DEEP = 4  # times as many passages are looked through as are kept
MOST = 4  # questions for which a sentence is made up


async def search_each(
    context: Context, queries: Sequence[str], asked: str, k: int, where: Filter | None, per_document: int | None = None
) -> list[Sequence[Passage]]:
    """The `k` best passages of each query; `asked` is the whole question, whose words decide on change logs."""
    lists = []
    for query in queries:
        passages = await search_current(context, query, asked, k, where, per_document)
        context.emit(Searched(query=query, passages=len(passages)))
        lists.append(passages)
    return lists


async def search_beside(
    context: Context,
    queries: Sequence[str],
    lists: Sequence[Sequence[Passage]],
    asked: str,
    k: int,
    where: Filter | None,
) -> list[Sequence[Passage]]:
    """The lists found for the queries, each fused with what a made-up answer finds where they may tell it in other words."""
    left = [
        query for query, passages in zip(queries, lists, strict=True) if not await is_found(context, query, passages)
    ]
    imagined = await imagine(context, left[:MOST])
    wider = list[Sequence[Passage]]()
    for query, passages in zip(queries, lists, strict=True):
        if sentence := imagined.get(query):
            both = [await search_current(context, text, asked, DEEP * k, where) for text in (query, sentence)]
            passages = fused(both)[:k]
        wider.append(passages)
    return wider


async def is_found(context: Context, question: str, passages: Sequence[Passage]) -> bool:
    """Whether the passages speak of it in its own words, or answer by their form or where they ask the same, so that no model
    reads them."""
    if in_its_words(Rarity(context.corpus, question), show(passages).sentences):
        return True
    quiet = replace(context, muted=True)
    if await document_answer(quiet, question, passages):
        return True
    return (await by_form(quiet, question, passages)).evidence is not None


async def imagine(context: Context, questions: Sequence[str]) -> dict[str, str]:
    """A made-up sentence for each question (HyDE: Gao et al. 2023)."""
    if not questions:
        return {}
    try:
        values = [{"question": question} for question in questions]
        answers = await context.ask_all("writer", context.prompt("imagine"), values)
    except CUT_SHORT as reason:
        context.note(f"not searched for by a made-up sentence: {reason}", "warning")
        return {}
    said = [answer.data.get("sentence") for answer in answers]  # a scripted model may not know the form
    return {question: one_line(text) for question, text in zip(questions, said, strict=True) if isinstance(text, str)}


def fused(lists: Sequence[Sequence[Passage]]) -> list[Passage]:
    found = {passage.chunk: passage for passages in lists for passage in passages}
    order = by_reciprocal_rank([[passage.chunk for passage in passages] for passages in lists])
    return [found[chunk] for chunk in order]
