"""Does another document answer the same question otherwise? The question is asked again of the likeliest other passage."""

from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence
from agentflow.research.answering import answer
from agentflow.research.grounding import Reply
from agentflow.research.planning import wants_explanation
from agentflow.research.relevance import Rarity
from agentflow.text.names import names
from agentflow.text.numbers import numbers
from agentflow.text.words import content_words

ALIKE = 0.5  # of the question, that another document's sentence must cover to be asked
AS_WELL = 0.9  # of what the first sentence covers: the other must speak of the same thing, not of something near it
SAME = 0.7  # of the question's words in the first sentence that the other, or its title, must hold too


async def conflicting(
    context: Context, question: str, text: str, sentence: Evidence, chunks: Sequence[int]
) -> Reply | None:
    """The answer of the other document that covers the question best, when it is a different one; else None.

    `sentence` bears the answer `text`. Another sentence is a rival when it covers the question as well and holds every
    name of the question that this one holds: the founding of one club does not contradict that of another.

    Only short answers with numbers are compared: names of one thing differ in wording too often, and a whole sentence
    that explains holds numbers of many things.
    """
    if not numbers(text) or wants_explanation(question):
        return None
    rarity = Rarity(context.corpus, question)
    asked = names(question)
    own = f"{sentence.source} {sentence.quote}"
    least = max(ALIKE, AS_WELL * rarity.coverage(own))
    rivals = []
    for passage in context.corpus.passages(chunks):
        for other in passage.sentences if passage.path != sentence.path else []:
            told = f"{passage.source} {other.text}"
            if numbers(other.text) - numbers(text) and asked & names(own) <= names(told):
                rivals.append((rarity.coverage(told), passage))
    covered, likeliest = max(rivals, key=lambda pair: pair[0], default=(0.0, None))
    if likeliest is None or covered < least:
        return None
    reply = (await answer(context, [question], [likeliest]))[0]
    if reply.evidence is None or not differs(text, reply.text):
        return None
    return reply if rarity.shared(sentence.quote, f"{reply.evidence.source} {reply.evidence.quote}") >= SAME else None


def differs(one: str, other: str) -> bool:
    """Whether both give numbers and neither's are among the other's, for the same kind of thing."""
    mine, theirs = numbers(one), numbers(other)
    unit = set(content_words(one)) - mine
    return bool(mine and theirs and not mine & theirs and (not unit or unit & set(content_words(other))))
