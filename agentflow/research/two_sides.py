"""A question that compares two things is asked of each, and the engine compares what the documents tell of them: a model
that reads both at once takes the value of one for that of the other."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dateutil.relativedelta import relativedelta

from agentflow.context import Context
from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.research.abilities import can
from agentflow.research.answers.answering import answer
from agentflow.research.cut_short import CUT_SHORT
from agentflow.research.hops import search_and_answer
from agentflow.research.question.comparison import PairQuestion, comparison
from agentflow.research.question.direct import direct
from agentflow.research.reply import Reply
from agentflow.research.tables.values import AMOUNT, Amount, amount, day, shown
from agentflow.text.durations import unit_hours
from agentflow.text.names import capitals
from agentflow.text.numbers import A_DAY
from agentflow.text.plurals import singular
from agentflow.text.words import families

DATE = re.compile(
    rf"{A_DAY} [^\W\d_]{{3,}}\.?,? \d{{4}}|[^\W\d_]{{3,}}\.? {A_DAY}, \d{{4}}|\d{{4}}-\d\d-\d\d"
    r"|\b(?:1\d|20)\d\d\b"
)
Value = str | Amount  # a day in ISO 8601, or its beginning
LESS = "the other way round: "
YEAR, DAY = len("2024"), len("2024-05-01")


async def answer_all(
    context: Context, questions: Sequence[str], passages: Sequence[Passage], k: int, where: Filter | None
) -> list[Reply]:
    """One reply a question: one that compares two things is asked of each; any other, and where either is not told, is read for in
    `passages`, as far as one sentence may tell it."""
    pairs = {question: pair for question in questions if (pair := comparison(direct(question)))}
    replies = {question: Reply(question) for question in questions}
    for question, pair in pairs.items():
        replies[question] = await compared(context, question, pair, k, where)
    left = [question for question, said in replies.items() if not said.evidence]
    left = [question for question in left if question not in pairs or is_readable(context, pairs[question])]
    replies |= zip(left, await answer(context, left, passages), strict=True)
    return [replies[question] for question in questions]


def is_readable(context: Context, asked: PairQuestion) -> bool:
    """Whether a model may find the answer in one sentence: by how much two things differ is seldom told, whether something was before
    something often; to which of two a small model says what it reads of either."""
    if (asked.wanted, asked.kind) == ("whether", "day"):
        return True
    return asked.wanted in ("which", "whether") and can(context, "reader", "point")


async def compared(context: Context, question: str, asked: PairQuestion, k: int, where: Filter | None) -> Reply:
    """Empty where the documents leave either side open, or their values do not tell."""
    try:
        sides = [await search_and_answer(context, side, k, where) for side in asked.questions]
    except CUT_SHORT as reason:
        context.note(f"not asked of each: {reason}", "warning")
        return Reply(question)
    values = [value(asked, place, side) for place, side in enumerate(sides)]
    text = conclusion(asked, values[0], values[1]) if values[0] and values[1] else ""
    one, other = sides
    said = "; ".join(f"{side} {reply.text or '–'}" for side, reply in zip(asked.questions, sides, strict=True))
    context.note(f"{'compared' if text else 'not to be compared'}: {said}")
    if not text or not one.evidence or not other.evidence:
        return Reply(question)
    return replace(one, question=question, text=text, covered=1.0, rows=(other.evidence,))


def value(asked: PairQuestion, place: int, said: Reply) -> Value | None:
    """The day (ISO 8601, or its beginning) or amount in an answer, if its passage speaks of the name in this place, and of the two names
    this one was said last, up to the answer's sentence; else None."""
    if not said.evidence or not said.passage:
        return None
    name, other = asked.names[place], asked.names[1 - place]
    around, text = f"{said.evidence.path} {said.passage.source}", said.passage.text
    named = families(" ".join(one.word for one in capitals(name)) or name)
    if not named <= families(f"{around} {text}"):
        return None
    spoken = f"{around} {text[: max(0, said.evidence.start - said.passage.start) + len(said.evidence.quote)]}"
    of_each = [last_of(spoken, families(one) - families(two)) for one, two in ((name, other), (other, name))]
    if of_each[0] <= of_each[1]:
        return None
    if asked.kind == "day":
        return first_day(said.text) or None
    return next((one for found in AMOUNT.finditer(said.text) if (one := amount(found[0]))), None)


def first_day(text: str) -> str:
    """Also of the Middle Ages: in a cell `1066` is an amount."""
    found = DATE.search(text)
    return "" if not found else found[0] if len(found[0]) == YEAR else day(found[0], month_first=False)


def last_of(text: str, wanted: set[str]) -> int:
    """Which word of the text is the last of these families, -1 for none."""
    return max((place for place, word in enumerate(text.split()) if families(word) & wanted), default=-1)


def conclusion(asked: PairQuestion, one: Value, other: Value) -> str:
    """Empty where the values do not tell, and where one of two is asked for that are equal."""
    values = f" ({asked.names[0]}: {told(one)}; {asked.names[1]}: {told(other)})"
    sign = order(one, other)
    if asked.wanted in ("difference", "excess"):
        between = difference(one, other, asked.unit)
        is_less = asked.wanted == "excess" and sign == (-1 if asked.more else 1)
        return (LESS if is_less else "") + between + values if between else ""
    if sign is None or (sign == 0 and asked.wanted == "which"):
        return ""
    meant = sign == (1 if asked.more else -1)
    if asked.wanted == "which":
        return asked.names[0] if meant else asked.names[1]
    return ("yes" if meant else "no") + values


def difference(one: Value, other: Value, unit: str) -> str:
    """Empty for amounts of two units, and for days of which one is not known as exactly as the other."""
    if isinstance(one, Amount) and isinstance(other, Amount):
        return shown(abs(one.value - other.value), [one, other]) if one.unit == other.unit else ""
    first, last = sorted((str(one), str(other)))
    if len(first) == len(last) == YEAR and unit in ("", "years"):
        return counted(int(last) - int(first), "year")
    if len(first) < DAY or len(last) < DAY or first.startswith("0000"):
        return ""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days, between = (end - start).days, relativedelta(end, start)
    if unit == "years":
        return counted(between.years, "year", between.months, "month")
    if unit == "months":
        return counted(12 * between.years + between.months, "month", between.days, "day")
    return counted(days // 7, "week", days % 7, "day") if unit == "weeks" else counted(days, "day")


def counted(number: int, unit: str, rest: int = 0, smaller: str = "") -> str:
    text = f"{number:,} {unit}{'' if number == 1 else 's'}"
    return f"{text} and {counted(rest, smaller)}" if rest else text


def told(value: Value) -> str:
    return shown(value.value, [value]) if isinstance(value, Amount) else value


def order(one: Value, other: Value) -> int | None:
    """1 where the first is greater or later, -1 where it is less, 0 where they are equal. None for a year and a day in it, and for
    amounts of two units, unless both are spans of time."""
    if isinstance(one, Amount) and isinstance(other, Amount):
        hours = [1.0, 1.0]
        if unit_of(one) != unit_of(other):
            hours = [unit_hours(unit_of(one)), unit_hours(unit_of(other))]
        first, second = float(one.value) * hours[0], float(other.value) * hours[1]
        return (first > second) - (first < second) if all(hours) else None
    first_day, second_day = str(one), str(other)
    precision = min(len(first_day), len(second_day))
    start, end = first_day[:precision], second_day[:precision]
    return (start > end) - (start < end) or (0 if len(first_day) == len(second_day) else None)


def unit_of(one: Amount) -> str:
    return singular(one.unit.lower().rstrip("."))
