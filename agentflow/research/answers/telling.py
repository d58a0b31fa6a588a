"""Whether a text tells what is asked: a model that reads well still answers from what is near, a phone number for an e-mail address.

The model without its adapter is asked in a call of its own, since a model that answered does not doubt it, and its chance of yes
counts (Kadavath et al. 2022, P(True)); twice, of the sentence and with what stands around it, since either misleads alone. From which
chance on it is right is another for each model, so only one is asked for which that was measured (`yes_from`): docs/results.md.
"""

from collections.abc import Sequence
from statistics import fmean

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.passage import Passage
from agentflow.corpus.store import Corpus
from agentflow.models.client.yes_or_no import ALTERNATIVES, chance_of_yes
from agentflow.research.passages.titled import is_named, titled
from agentflow.research.question.planning import is_broad, is_polar, wants_explanation
from agentflow.research.reply import Reply
from agentflow.text.words import families

JUDGE = "judge"
AROUND = 250  # characters of the passage on either side
SHORT = 3  # characters of a title that any text may hold
HALF = 0.5  # of the question, of which the passage that is led to speaks less


async def is_told(context: Context, said: Reply, beside: Sequence[Passage]) -> bool:
    """Whether the sentence that a short answer rests on tells what is asked; True where no model can judge. How, why and whether are not
    judged, nor what takes two documents: their answers seldom stand in one sentence."""
    bound = context.models.catalog.resolve(context.models.model_of(JUDGE)).yes_from
    question = said.question
    if bound is None or not said.evidence or is_polar(question) or wants_explanation(question) or is_broad(question):
        return True
    if said.passage and takes_two(context.corpus, said, said.passage, beside):
        return True
    texts = [{"text": text, "question": question, "source": said.evidence.source} for text in views(said)]
    answers = await context.ask_all(JUDGE, context.prompt("tells"), texts, logprobs=ALTERNATIVES)
    chances = [chance for answer in answers if (chance := chance_of_yes(answer)) is not None]
    return not chances or fmean(chances) >= bound


def takes_two(corpus: Corpus, said: Reply, passage: Passage, beside: Sequence[Passage]) -> bool:
    """Whether a passage read `beside` names this one's document, and this one says less than half of what is asked; or this one names
    another document, which speaks of what is asked and not told here."""
    if said.covered < HALF and len(passage.title) > SHORT and is_named(passage, beside):
        return True
    untold = families(said.question) - families(passage.text)
    named = titled(corpus, passage.text, None)
    return any(untold & families(corpus.text(document)) for document in named if document != passage.document)


def views(said: Reply) -> list[str]:
    """The sentence, and it with what stands around it in its passage, cut at words."""
    evidence, passage = said.evidence, said.passage
    if evidence is None:
        return []
    if passage is None or not 0 <= (start := evidence.start - passage.start) < len(passage.text):
        return [evidence.text]
    end = start + len(evidence.quote)
    before, after = passage.text[max(0, start - AROUND) : start], passage.text[end : end + AROUND]
    if start > AROUND:
        before = before.partition(" ")[2]
    if end + AROUND < len(passage.text):
        after = after.rpartition(" ")[0]
    return list(dict.fromkeys([evidence.text, one_line(f"{before}{evidence.quote}{after}")]))
