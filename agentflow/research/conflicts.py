"""Whether another document contradicts the answer: the question is asked again over the likeliest other passage."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence
from agentflow.corpus.parsing.abbreviations import DAYS
from agentflow.corpus.parsing.chunks import is_question
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.answers.answering import answer
from agentflow.research.answers.grounding import reply
from agentflow.research.cut_short import CUT_SHORT
from agentflow.research.findings import Answered, Finding, keep
from agentflow.research.passages.placed import of_the_place
from agentflow.research.passages.shown import Candidate, is_code
from agentflow.research.question.planning import MEASURE, is_polar, wants_explanation
from agentflow.research.reply import Reply
from agentflow.research.verification import opposed, tells_otherwise
from agentflow.text.durations import duration
from agentflow.text.names import identifying, named
from agentflow.text.numbers import numbers
from agentflow.text.opposites import denials
from agentflow.text.words import content_words, words

TOLD = 0.5  # relevance of the other side's sentence
ALIKE = 0.5  # of the question, that another document's sentence must cover to be asked
AS_WELL = 0.9  # of what the first sentence covers: the other must speak of the same thing, not of something near it
SAME = 0.7  # of the question's words in the first sentence that the other, or its title, must hold too
MEANT, AS_NEAR = 0.7, 0.6  # cosine of two sentences that mean alike in other words, and what AS_WELL is then
ALL = 0.9  # of the question, by a sentence that answers it by itself
FEW = 4  # words of a name
MANY = 3  # times the words of an answer, that an answer in words of its own does not have
WORD = re.compile(r"[^\W\d_][\w'’-]*")
PLACE = re.compile(r"\bwhere\b|\b(?:city|town|country|state|region|continent|village|county|place)\b", re.IGNORECASE)


async def disagreements(
    context: Context, answers: Sequence[Answered], claims: Sequence[dict[str, Any]], chunks: Sequence[int]
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The other side of each answer that a document tells otherwise: the place of its claim, the quote, the text and the
    question; and the quotes as findings."""
    conflicts, found = list[dict[str, Any]](), list[Finding]()
    for item in answers:
        if item.get("rows"):
            continue
        try:
            sentence = context.quotes.load([item["quote"]])[0]
            rival = await conflicting(context, item["question"], item["text"], sentence, chunks)
        except CUT_SHORT as reason:
            context.note(f"not compared with other documents: {reason}", "warning")
            continue
        if rival is not None and rival.evidence is not None:
            found.append(keep(context, rival.evidence, item["question"], TOLD))
            claim = next((place for place, known in enumerate(claims) if item["quote"] in known["quotes"]), 0)
            side = {"quote": rival.evidence.id, "text": rival.text, "question": item["question"]}
            conflicts.append({"claim": claim, **side})
    return conflicts, found


async def conflicting(
    context: Context, question: str, text: str, sentence: Evidence, chunks: Sequence[int]
) -> Reply | None:
    """The answer of the other document that covers the question best, when it is a different one; else None.

    `sentence` bears the answer `text`. Another sentence is a rival when it covers the question as well, or nearly and means
    the same, and holds every name and number of the question that this one holds: the founding of one club does not
    contradict that of another.

    Only short answers are compared, with numbers or names: a whole sentence that explains holds numbers of many things, and
    a place lies in others.
    """
    passages = of_the_place(context.corpus, question, context.corpus.passages(chunks))
    if is_polar(question):
        return denial(context, question, sentence, passages)
    if wants_explanation(question) or not (numbers(text) or (is_name(text) and not PLACE.search(question))):
        return None
    rarity = Rarity(context.corpus, MEASURE.sub("", question))  # no sentence says that a fee is high
    likeliest = await rival(context, rarity, text, sentence, passages)
    if likeliest is None or is_code(sentence, passages):
        return None
    other = (await answer(replace(context, muted=True), [question], [likeliest]))[0]
    declined = other.evidence is None
    in_full = other.evidence is None or other.text == other.evidence.text
    said = another_name(context, rarity, text, likeliest) if in_full else other
    if said is None:
        said = outright(context, rarity, sentence, likeliest, declined) if declined or is_longer(other, text) else other
    if said is None or said.evidence is None or not differs(text, said.text):
        return None
    return said if rarity.shared(sentence.quote, f"{said.evidence.source} {said.evidence.quote}") >= SAME else None


def outright(context: Context, rarity: Rarity, sentence: Evidence, passage: Passage, declined: bool) -> Reply | None:
    """Its sentence that says all that the first one says with another number, or all that is asked where the model
    `declined` to read it."""
    told = [
        Candidate(passage, other)
        for other in passage.sentences
        if other.citable
        and is_new(other.text, sentence.text, rarity.question)
        and (tells_otherwise(sentence.text, other.text) or (declined and rarity.coverage(other.text) >= ALL))
    ]
    return reply(context, rarity, told[0].text, told[0], "supported") if told else None


def another_name(context: Context, rarity: Rarity, text: str, passage: Passage) -> Reply | None:
    """The name that its sentence adds to all that is asked, where the answer `text` is a name: `The keeper is Edith Moss.`"""
    for sentence in passage.sentences if is_name(text) else ():
        spoken = WORD.findall(sentence.text)
        name = " ".join(word for word in spoken if not set(content_words(word)) <= rarity.weight.keys())
        if sentence.citable and is_name(name) and name in " ".join(spoken) and rarity.coverage(sentence.text) >= ALL:
            return reply(context, rarity, name, Candidate(passage, sentence), "supported")
    return None


def denial(context: Context, question: str, sentence: Evidence, passages: Sequence[Passage]) -> Reply | None:
    """Of whether something is so, the sentence of another document that says the same as this one with another "not"."""
    denied = [
        Candidate(passage, other)
        for passage in passages
        if passage.path != sentence.path
        for other in passage.sentences
        if other.citable and not is_question(other.text) and denies(sentence.text, other.text)
    ]
    if not denied:
        return None
    return reply(context, Rarity(context.corpus, question), denied[0].text, denied[0], "supported")


def denies(one: str, other: str) -> bool:
    """Whether they say the same thing, and one of them with a "not"."""
    return denials(one) != denials(other) and opposed(one, other)


async def rival(
    context: Context, rarity: Rarity, text: str, sentence: Evidence, passages: Sequence[Passage]
) -> Passage | None:
    """The passage of another document with the sentence that covers the question best and tells another number, or another
    name where the answer is one; of several the nearest in meaning, of these the newest."""
    own = f"{sentence.source} {sentence.quote}"
    asked = identifying(rarity.question) & states(own)
    others = [
        (passage, other.text)
        for passage in passages
        if passage.path != sentence.path
        for other in passage.sentences
        if other.kind != "code"
        and rarity.coverage(other.text) > 0  # else its title alone speaks of it
        and is_new(other.text, text, rarity.question)
        and asked <= states(f"{passage.source} {other.text}")
    ]
    alike = await context.searcher.similarity(sentence.quote, [said for _, said in others])
    covered = rarity.coverage(own)
    rivals = []
    for place, (passage, said) in enumerate(others):
        least = covered * AS_NEAR if alike and alike[place] >= MEANT else max(ALIKE, covered * AS_WELL)
        if (covers := rarity.coverage(f"{passage.source} {said}")) >= least:
            near = round(alike[place], 1) if alike else 0.0
            rivals.append((covers, near, context.corpus.document(passage.document).date, passage))
    return max(rivals, key=lambda item: item[:3], default=(0.0, 0.0, "", None))[3]


def states(text: str) -> set[str]:
    """What identifies a thing in it, also where a name is written small: the `API` of a question in `agentflow api`."""
    return identifying(text) | set(words(text))


def is_longer(reply: Reply, text: str) -> bool:
    """Whether the other side's answer is a whole sentence where this side's is a few words: it answers something else."""
    return len(content_words(reply.text)) > MANY * len(content_words(text))


def is_new(said: str, answer: str, question: str) -> bool:
    """Whether a sentence tells a number that neither of them tells, or a name where the answer is no number."""
    known = f"{question} {answer}"
    return bool(numbers(said) - numbers(known) if numbers(answer) else set(named(said)) - set(named(known)))


def is_name(answer: str) -> bool:
    """Whether a short answer is a name and nothing else, `Ida Brandt` or `Monday`."""
    said = content_words(answer)
    return 0 < len(said) <= FEW and len(named(answer)) >= len(said) and not numbers(answer)


def differs(one: str, other: str) -> bool:
    """Whether both give numbers and neither's are among the other's, for the same kind of thing; or both give days of the week,
    `Monday` and `every week on Friday`, or are names, without a word in common."""
    if (day := DAYS & set(words(one))) and (other_day := DAYS & set(words(other))):
        return day.isdisjoint(other_day)
    mine, theirs = numbers(one), numbers(other)
    if not mine and not theirs:
        return is_name(one) and is_name(other) and not set(named(one)) & set(named(other))
    if (lasts := duration(one)) and (other_lasts := duration(other)):
        return lasts != other_lasts
    unit = set(content_words(one)) - mine
    return bool(mine and theirs and not mine & theirs and (not unit or unit & set(content_words(other))))
