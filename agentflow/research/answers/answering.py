"""Answer first, then verify: one call over the passages gives the answer and its sentence; the engine checks both."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agentflow.context import Context
from agentflow.corpus.evidence import cite
from agentflow.corpus.parsing.chunks import is_question
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import Rarity
from agentflow.prompts import Prompt
from agentflow.research.abilities import can
from agentflow.research.answers.by_form import by_form, defined
from agentflow.research.answers.certainty import SURE
from agentflow.research.answers.doubt import UNSURE, doubt, echoes, names_columns
from agentflow.research.answers.grounding import ground, is_bare, is_far, is_verdict, leading, nearest_sentence, reply
from agentflow.research.answers.listed import (
    whole,
    whole_date,
    whole_formula,
    whole_link,
    whole_list,
    whole_reasons,
    whole_share,
)
from agentflow.research.answers.polar import asserted
from agentflow.research.answers.readings import Reading, alone_first, each, nearest, overlooked, read, surest, unadapted
from agentflow.research.answers.telling import is_told
from agentflow.research.forms.asked import document_answer, paragraph, points
from agentflow.research.forms.definition import thing
from agentflow.research.forms.enumeration import list_answer, list_of, wants_list
from agentflow.research.forms.howto import speaks_of_it
from agentflow.research.forms.labelled import is_mislabelled
from agentflow.research.forms.records import is_of_another_field
from agentflow.research.forms.told_whole import section_around, section_told
from agentflow.research.passages.dated import is_former
from agentflow.research.passages.leaning import with_antecedent
from agentflow.research.passages.placed import of_the_place
from agentflow.research.passages.rows import is_of_another, row_text
from agentflow.research.passages.shown import Shown, fitting, is_code, show
from agentflow.research.passages.steps import answer_text, beneath, introduces
from agentflow.research.passages.titled import about_another
from agentflow.research.question.kinds import unfit
from agentflow.research.question.planning import asks_purpose, is_polar, wants_explanation, wants_instruction
from agentflow.research.question.same_question import without_common
from agentflow.research.reply import Reply
from agentflow.research.tables.table import crosses_cells
from agentflow.text.opposites import opposite
from agentflow.text.words import words

SPOKEN = 0.5  # of the question by a line of code that answers it
ELSEWHERE = re.compile(
    r"where\b|(?:which|what) (?:page|file|document|section|link|url|address|command)\b", re.IGNORECASE
)
PERSON = re.compile(r"who\b", re.IGNORECASE)
GUESSED = 0.15  # chance of the answer's first token, below which a sentence tells more than the answer; not of a reason


async def answer(context: Context, questions: Sequence[str], passages: Sequence[Passage]) -> list[Reply]:
    """One reply a question, from the passages of the folder or file that it names, where it names one.

    Raises ContextOverflow when not one passage fits the window.
    """
    there = {question: of_the_place(context.corpus, question, passages) for question in questions}
    apart = [question for question in questions if there[question] != list(passages)]
    together = [question for question in questions if question not in apart]
    replies = {question: (await answer_from(context, [question], there[question]))[0] for question in apart}
    replies |= zip(together, await answer_from(context, together, passages), strict=True)
    return [replies[question] for question in questions]


async def answer_from(context: Context, questions: Sequence[str], passages: Sequence[Passage]) -> list[Reply]:
    """What a document answers where it asks the same or by its form, else what the model reads."""
    replies = {question: await told_there(context, question, passages) for question in questions}
    for question in questions:
        if not replies[question].evidence:
            replies[question] = await by_form(context, question, passages)
    left = [question for question, said in replies.items() if not said.evidence]
    replies |= zip(left, await answered(context, left, passages), strict=True)
    for question in left:
        replies[question] = await defined(context, replies[question], passages)
    return [with_antecedent(context, replies[question]) for question in questions]


async def told_there(context: Context, question: str, passages: Sequence[Passage]) -> Reply:
    """The answer of a document that asks the question itself: to how, why and whether in its own words, else what the model
    reads there, if anything; empty when none asks it."""
    there = await document_answer(context, question, passages)
    if there is None:
        return Reply(question)
    rarity = Rarity(context.corpus, question)
    opening = replace(reply(context, rarity, there.text, there.opening, "supported"), covered=1.0)
    if wants_list(question):
        several = paragraph(context, there.opening)
        return replace(reply(context, rarity, several.text, several, "supported"), covered=1.0)
    if introduces(there.opening.sentence):
        whole = answer_text(context, there.opening, beneath(context, there.opening))
        opening = replace(opening, text=there.text + whole.removeprefix(there.opening.text))
    if is_polar(question) or wants_explanation(question):
        return opening
    if unfit(question, opening.text, there.opening.passage.source):
        opening = Reply(question)
    prompt = context.prompt("cited_answer")
    shown = await fitting(context, prompt, [there.opening.passage], rarity)
    readings = await read(context, prompt, [(question, shown)])
    said = await first_believed(replace(context, muted=True), rarity, readings, shown)
    in_its_words = said.evidence is not None and said.text != said.evidence.text
    return replace(completed(context, said), covered=1.0) if in_its_words else opening


async def answered(context: Context, questions: Sequence[str], passages: Sequence[Passage]) -> list[Reply]:
    """What the model reads, with the section around its sentence where that is the answer."""
    if not questions:
        return []
    rarities = [Rarity(context.corpus, question) for question in questions]
    read_them = read_all if can(context, "reader", "point") else read_nearest
    return [section_around(context, said) for said in await read_them(context, rarities, passages)]


async def read_all(context: Context, rarities: Sequence[Rarity], passages: Sequence[Passage]) -> list[Reply]:
    """All questions share the passages as their prompts' prefix, so each costs its own words only."""
    prompt, questions = context.prompt("cited_answer"), [rarity.question for rarity in rarities]
    shown = await fitting(context, prompt, passages, max(rarities, key=lambda rarity: len(rarity.question)))
    together = await read(context, prompt, [(question, shown) for question in questions])
    views = [await overlooked(context, prompt, rarity, first) for rarity, first in zip(rarities, together, strict=True)]
    alone = await read_alone(context, prompt, questions, views)
    plain = await unadapted(context, list(zip(rarities, together, strict=True)))
    ordered = [
        alone_first(question, [first, *others], single)
        for question, first, others, single in zip(questions, together, plain, alone, strict=True)
    ]
    return [
        completed(context, await first_believed(context, rarity, readings, shown))
        for rarity, readings in zip(rarities, ordered, strict=True)
    ]


async def read_nearest(context: Context, rarities: Sequence[Rarity], passages: Sequence[Passage]) -> list[Reply]:
    """For a model that cannot point, which loses its way among many: the nearest few passages of each question, and where it is
    not sure each of these alone as well."""
    prompt = context.prompt("cited_answer")
    nearby = [await nearest(context, rarity, passages) for rarity in rarities]
    asked = [(rarity, few) for rarity, few in zip(rarities, nearby, strict=True) if few]  # others ask and tell nothing
    questions = [rarity.question for rarity, _ in asked]
    shown = [await fitting(context, prompt, [passage for passage, _ in few], rarity) for rarity, few in asked]
    together = await read(context, prompt, list(zip(questions, shown, strict=True)))
    views = [
        await each(context, prompt, rarity, first, few) for (rarity, few), first in zip(asked, together, strict=True)
    ]
    alone = await read_alone(context, prompt, questions, views)
    replies = {rarity.question: Reply(rarity.question) for rarity in rarities}
    for (rarity, _), first, single in zip(asked, together, alone, strict=True):
        readings = surest(rarity.question, first, single)
        said = completed(context, await first_believed(context, rarity, readings, first.shown))
        replies[rarity.question] = await section_told(context, rarity, passages, first.sure.none, said)
    return list(replies.values())


async def read_alone(
    context: Context, prompt: Prompt, questions: Sequence[str], views: Sequence[Sequence[Shown]]
) -> list[list[Reading]]:
    """Each question over each of its views."""
    readings = iter(
        await read(context, prompt, [(q, view) for q, of_it in zip(questions, views, strict=True) for view in of_it])
    )
    return [[next(readings) for _ in of_it] for of_it in views]


async def first_believed(context: Context, rarity: Rarity, readings: Sequence[Reading], shown: Shown) -> Reply:
    """The first answer that there is no reason to doubt; none where the model itself doubts one before it."""
    reasons = []
    for best in readings:
        if can(context, "reader", "decline"):
            best = best._replace(sure=SURE)
        said = await replied(context, rarity, best, shown)
        reason = reason_to_doubt(context, rarity, best, said)
        if said.evidence and not reason and not await is_told(context, said, best.shown.passages):
            reason = "its sentence does not tell what is asked"
        if said.evidence and not reason:
            return said
        if reason:
            reasons.append(f"no answer, since {reason}; the model said {best.text!r}")
        if best.sure.none >= UNSURE:
            break
    for reason in reasons[:1]:
        context.note(reason)
    return Reply(rarity.question)


async def replied(context: Context, rarity: Rarity, best: Reading, shown: Shown) -> Reply:
    """What stands of a reading: all of it where its model declines what the passages do not tell, else what is near."""
    if not can(context, "reader", "decline"):
        return await doubted(context, rarity, best, shown)
    if not words(best.text):
        return Reply(rarity.question)
    return await ground(context, rarity, best.text, best.number, best.shown)


async def doubted(context: Context, rarity: Rarity, best: Reading, shown: Shown) -> Reply:
    """The reply of a model that says something rather than nothing: the documents' own words, of all that is shown, where
    it says only yes, no or a pronoun, or guesses."""
    question, text = rarity.question, best.text
    if not words(text):
        return await leading(context, rarity, shown) if is_polar(question) else Reply(question)
    untold = best.sure == SURE  # its server tells no probabilities
    if (untold or best.sure.none >= UNSURE) and await is_far(context, rarity, shown):
        context.note(f"no answer, since no sentence read is near the question; the model said {text!r}")
        return Reply(question)
    if is_polar(question):
        return await asserted(context, rarity, shown)
    said = Reply(question)
    if is_bare(text) or (best.sure.begins < GUESSED and not wants_explanation(question)):
        said = await nearest_sentence(context, rarity, shown)
    if is_bare(text) and not said.evidence:
        said = await leading(context, rarity, shown, alone=is_verdict(text))
    return said if said.evidence else await ground(context, rarity, text, best.number, best.shown)


def reason_to_doubt(context: Context, rarity: Rarity, best: Reading, said: Reply) -> str:
    """Empty when there is none. A sentence that stands for a bare yes or no is no answer of the model's."""
    text, sure = best.text, best.sure
    if said.evidence and is_polar(rarity.question) and is_question(said.evidence.text):
        return "its sentence asks the same and does not tell"
    if not said.evidence or not said.passage or is_bare(text) or not words(text):
        return ""
    if echoes(rarity.question, without_common(context.corpus, said.text), said.passage.title):
        return "it only repeats the question"
    if about := about_another(context.corpus, rarity.question, said.passage, best.shown.passages):
        return about
    if points(said.evidence.text) and not ELSEWHERE.match(rarity.question):
        return "its sentence only says where to read on"
    if is_of_another_field(context.corpus, rarity.question, said.evidence.text):
        return "its line tells something else of one of them"
    if names_columns(context, said):
        return "its line names the columns of a table"
    if (
        said.kind == "row"
        and text != said.evidence.text
        and crosses_cells(said.evidence.path, said.evidence.text, text)
    ):
        return "it is a piece of a row across its cells"
    if said.kind == "row" and is_of_another(rarity.question, said.evidence.cells, best.shown.sentences):
        return "its row is of another one"
    if is_code(said.evidence, [said.passage]) and (
        thing(rarity.question)
        or asks_purpose(rarity.question)
        or PERSON.match(rarity.question)
        or rarity.coverage(said.evidence.quote) < SPOKEN
    ):
        return "its line of code does not speak of what is asked"
    if not can(context, "reader", "point") and is_mislabelled(context.corpus, rarity.question, said.evidence.text):
        return "its line does not give what is asked for by that name"
    guesses = wants_instruction(rarity.question) and not can(context, "reader", "point")
    if guesses and opposite(rarity.question, said.evidence.text):
        return "its sentence tells how to do the opposite"
    if guesses and not speaks_of_it(rarity, said.passage, said.evidence.quote):
        return "its sentence does not speak of all that is to be done"
    if said.text != text and not wants_explanation(rarity.question):
        sure = sure._replace(begins=0.0, agreed=False)  # a sentence that stands for it has to speak of what is asked
    text, quote = completed(context, said).text, said.evidence.quote
    return doubt(rarity, text, quote, said.passage, sure, best.shown.passages, said.evidence.source)


def completed(context: Context, said: Reply) -> Reply:
    """The reply; whole, where the model copied part of a list, a date or a link, or what its sentence tells as changed; a row
    with the words of its head."""
    if not said.evidence or not said.passage:
        return said
    if several := list_of(context, said.question, said.passage, said.evidence.start):
        text, quote = list_answer(context, several)
        return replace(said, text=text, evidence=cite(context.corpus, *quote))
    text = said.text
    if text == said.evidence.text:
        rows = [row for row in show([said.passage]).sentences if row.sentence.start == said.evidence.start]
        return replace(said, text=row_text(context.corpus, rows[0])) if rows else said
    for completing in (whole, whole_list, whole_reasons, whole_share, whole_date, whole_link, whole_formula):
        text = completing(said.question, text, said.evidence.text)
    if is_former(f"{said.question} {text}", said.evidence.text):
        text = said.evidence.text
    return replace(said, text=text)
