"""Does another document answer the same question otherwise? The question is asked again of the likeliest other passage."""

from collections.abc import Sequence

from agentflow.context import Context
from agentflow.research.answering import Reply, answer
from agentflow.research.relevance import Rarity
from agentflow.text.numbers import numbers
from agentflow.text.words import content_words

ALIKE = 0.5  # of the question, that another document's sentence must cover to be asked


async def conflicting(context: Context, question: str, text: str, chunk: int, chunks: Sequence[int]) -> Reply | None:
    """The answer of the other document that covers the question best, when it is a different one; else None.

    Only answers with numbers are compared: names of one thing differ in wording too often.
    """
    if not numbers(text):
        return None
    shown = context.corpus.passages(chunks)
    own = next((passage.document for passage in shown if passage.chunk == chunk), None)
    rarity = Rarity(context.corpus, question)
    rivals = [
        (rarity.coverage(f"{passage.source} {sentence.text}"), passage)
        for passage in shown
        if passage.document != own
        for sentence in passage.sentences
        if numbers(sentence.text) - numbers(text)
    ]
    likeliest = max(rivals, key=lambda pair: pair[0], default=None)
    if likeliest is None or likeliest[0] < ALIKE:
        return None
    reply = (await answer(context, [question], [likeliest[1]]))[0]
    return reply if reply.evidence is not None and differs(text, reply.text) else None


def differs(one: str, other: str) -> bool:
    """Whether both give numbers and neither's are among the other's, for the same kind of thing."""
    mine, theirs = numbers(one), numbers(other)
    unit = set(content_words(one)) - mine
    return bool(mine and theirs and not mine & theirs and (not unit or unit & set(content_words(other))))
