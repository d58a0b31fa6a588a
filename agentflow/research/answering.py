"""Answer first, then verify: one call over the passages gives the answer and its sentence; the engine checks both."""

from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.passage import Passage
from agentflow.research.abilities import can
from agentflow.research.abstention import abstains
from agentflow.research.certainty import ALTERNATIVES, SURE, Certainty, certainty
from agentflow.research.doubt import doubt
from agentflow.research.grounding import Reply, borne, is_bare, is_far, leading, nearest_sentence, ranking
from agentflow.research.planning import is_polar, wants_explanation
from agentflow.research.relevance import Rarity
from agentflow.research.shown import Shown, fitting, numbered, show
from agentflow.text.words import words

READABLE = 4  # passages that a model which cannot point can tell apart
GUESSED = 0.15  # chance of the answer's first token, below which a sentence tells more than the answer


async def answer(context: Context, questions: Sequence[str], passages: Sequence[Passage]) -> list[Reply]:
    """One reply a question. All questions share the passages as their prompts' prefix, so each costs its own words only;
    a model that cannot point, which loses its way among many, reads the nearest few of each question.

    Raises ContextOverflow when not one passage fits the window.
    """
    prompt = context.prompt("cited_answer")
    rarities = [Rarity(context.corpus, question) for question in questions]
    if can(context, "reader", "point"):
        longest = max(questions, key=len)
        shown = [await fitting(context, "reader", prompt, passages, question=longest)] * len(questions)
    else:
        few = [await nearest(context, rarity, passages) for rarity in rarities]
        shown = [
            await fitting(context, "reader", prompt, near, question=question)
            for near, question in zip(few, questions, strict=True)
        ]
    asked = [
        {"passages": numbered(seen), "question": question} for seen, question in zip(shown, questions, strict=True)
    ]
    declines = can(context, "reader", "decline")
    answers = await context.ask_all("reader", prompt, asked, logprobs=0 if declines else ALTERNATIVES)
    replies = []
    for rarity, given, seen in zip(rarities, answers, shown, strict=True):
        text, number = "" if abstains(given.data["answer"]) else one_line(given.data["answer"]), given.data["sentence"]
        sure = SURE if declines else certainty(given)
        if not declines:
            said = await doubted(context, rarity, text, number, seen, sure)
        else:
            said = await borne(context, rarity, text, number, seen) if words(text) else Reply(rarity.question)
        replies.append(believed(context, rarity, text, said, sure))
    return replies


async def nearest(context: Context, rarity: Rarity, passages: Sequence[Passage]) -> list[Passage]:
    """The few passages that hold the sentences nearest to the question, in the order they came in."""
    ranked = await ranking(context, rarity, show(passages).sentences)
    chunks = list(dict.fromkeys(candidate.passage.chunk for candidate, _ in ranked))[:READABLE]
    return [passage for passage in passages if passage.chunk in chunks]


async def doubted(context: Context, rarity: Rarity, text: str, number: int, shown: Shown, sure: Certainty) -> Reply:
    """The reply of a model that says something rather than nothing: the documents' own words where they tell more than
    its answer."""
    question = rarity.question
    if not words(text):
        return await leading(context, rarity, shown) if is_polar(question) else Reply(question)
    if await is_far(context, rarity, shown):
        context.note(f"no answer, since no sentence read is near the question; the model said {text!r}")
        return Reply(question)
    said = Reply(question)
    if is_bare(text) or wants_explanation(question) or sure.begins < GUESSED:
        said = await nearest_sentence(context, rarity, shown)
    if is_bare(text) and not said.evidence:
        said = await leading(context, rarity, shown)
    return said if said.evidence else await borne(context, rarity, text, number, shown)


def believed(context: Context, rarity: Rarity, text: str, said: Reply, sure: Certainty) -> Reply:
    """The reply unless there is a reason to doubt it. A sentence that stands for a bare yes or no is no answer of the model's."""
    if not said.evidence or not said.passage or is_bare(text) or not words(text):
        return said
    if said.text != text and not wants_explanation(rarity.question):
        sure = sure._replace(begins=0.0)  # a sentence that stands for the answer has to speak of what is asked
    if not (reason := doubt(rarity, said.text, said.evidence.quote, said.passage, sure)):
        return said
    context.note(f"no answer, since {reason}; the model said {text!r}")
    return Reply(rarity.question)
