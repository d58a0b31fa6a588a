"""The numbers and dates of a text, so that `5` is not found inside `150` and `1,310` is the same as `1310`."""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from agentflow.text import ideographs
from agentflow.text.fold import fold
from agentflow.text.months import DAY_FIRST, month_number

MONTHS = "january february march april may june july august september october november december".split()
MONTH = {name: at for at, month in enumerate(MONTHS, 1) for name in (month, month[:3])} | {"sept": 9}
_UNITS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
SPELLED = (
    {name: value for value, name in enumerate(_UNITS, 1)}
    | {name: 10 * value for value, name in enumerate(_TENS, 2)}
    | {name: value for value, name in enumerate(_ORDINALS, 3)}
)
TIMES = {"hundred": 100, "dozen": 12, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
TIMES |= {"millions": 10**6, "millionen": 10**6, "milliarden": 10**9, "milliards": 10**9, "mio": 10**6, "mrd": 10**9}
SCALES = {"k": 10**3, "mn": 10**6, "mln": 10**6, "mio": 10**6, "bn": 10**9, "mrd": 10**9, "tn": 10**12}

A_MONTH = "|".join(sorted(MONTH, key=len, reverse=True))
A_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
A_YEAR = r"(?:1[5-9]|20)\d\d"  # that a number alone is taken for
_MONTH = f"(?P<month>{A_MONTH})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})\b"
DATES = [
    re.compile(r"\b(?P<year>\d{4})([-/.])(?P<number>\d{1,2})\2(?P<day>\d{1,2})(?!\d)"),
    re.compile(rf"\b(?P<day>\d{{1,2}})([-/.])(?P<number>\d{{1,2}})\2{_YEAR}"),
    re.compile(rf"\b{_DAY}\.?(?: of)?[ -]{_MONTH}\.?,?[ -]{_YEAR}"),
    re.compile(rf"\b{_MONTH}\.? {_DAY},? {_YEAR}"),
]
GROUPED = re.compile(r"(?<![\w.,])\d{1,3}(?: \d{3})+(?![\w,]|\.\d)")
TOKEN = re.compile(r"(?:(?<![^\s(\[])-(?=\d))?\w+(?:[.,'’/:-]\w+)*")
BY_COMMA = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
BY_POINT = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)?")
WITH_UNIT = re.compile(r"(\d+(?:[.,]\d+)?)([^\W\d]{1,4})")
BEFORE_WORD = re.compile(r"(?<![\w.,-])(\d+)-(?=[^\W\d])")
PERCENT = re.compile(r"(\d) ?(?:%|per cent\b)")
BLANK_LINE = re.compile(r"\n\s*\n")


class Figure(NamedTuple):
    """One number of a text. It is known where any of `readings` is, or all of `parts`; who has read it knows `tells` too."""

    readings: tuple[str, ...]
    parts: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()


class NumberSpan(NamedTuple):
    """Where a figure stands in its text."""

    start: int
    end: int
    figure: Figure


def numbers(text: str) -> set[str]:
    """Years, versions, amounts and dates, each in one form: `1310` for `1,310` and `2001-07-05` for `5 July 2001`."""
    return {figure.readings[0] for figure in figures(text) if figure.readings}


def foreign_numbers(claim: str, sources: str) -> set[str]:
    """The numbers of the claim that the sources do not tell; a number word (`five`) counts as its digits."""
    known = {form for figure in figures(sources) for form in (*figure.readings, *figure.tells)}
    return {
        figure.readings[0]
        for figure in figures(claim)
        if figure.readings
        and known.isdisjoint(figure.readings)
        and not (figure.parts and known.issuperset(figure.parts))
    }


def in_digits(text: str) -> str:
    """The text with its numbers in one form, for comparing words: `12 cups` for `twelve cups`, `1250` for `1,250`,
    `4 percent` for `4%`."""
    return "\n\n".join(_in_digits(" ".join(part.split())) for part in BLANK_LINE.split(_folded(text)))


def _folded(text: str) -> str:
    return ideographs.in_digits(fold(text))


def _in_digits(text: str) -> str:
    written, end = "", 0
    for span in _spans(text):
        form = (*span.figure.readings, *span.figure.tells)[0]
        written, end = f"{written}{text[end : span.start]}{form}", span.end
    return PERCENT.sub(r"\1 percent", BEFORE_WORD.sub(r"\1 ", written + text[end:]))


def figures(text: str) -> Iterator[Figure]:
    """In no order; a blank line ends whatever number stands before it."""
    for part in BLANK_LINE.split(_folded(text)):
        yield from _paragraph(" ".join(part.split()))


def _paragraph(text: str) -> Iterator[Figure]:
    for pattern in DATES:
        for match in pattern.finditer(text):
            yield from _date(**match.groupdict())
        text = pattern.sub(" ; ", text)
    for match in DAY_FIRST.finditer(text):
        if at := month_number(match[2]):
            yield from _date(match[3], match[1], month=MONTHS[at - 1])
            text = text.replace(match[0], " ; ")
    for match in GROUPED.finditer(text):
        groups = tuple(match.group().split())
        alone = not re.search(r"\d[\s;|]*$", text[: match.start()]) and not re.match(r"[\s;|]*\d", text[match.end() :])
        yield Figure(("".join(groups),), groups, () if alone else groups)
    text = GROUPED.sub(" ; ", text)
    yield from (span.figure for span in _spans(text))


def _date(year: str, day: str, number: str = "", month: str = "") -> Iterator[Figure]:
    """A date of digits alone may be meant with day or month first."""
    first, second = MONTH[month] if month else int(number), int(day)
    orders = [(first, second)] if month or not number else [(first, second), (second, first)]
    days = tuple(f"{year}-{m:02}-{d:02}" for m, d in orders if 1 <= m <= 12 and 1 <= d <= 31)
    plain = (str(int(year)), str(first), str(second))
    yield Figure(days or ("-".join(plain),), (), plain)


def _spans(text: str) -> Iterator[NumberSpan]:
    """The numbers that stand in one token or are words, from left to right."""
    tokens = [(match.group(), match.start(), match.end()) for match in TOKEN.finditer(text)]
    at = 0
    while at < len(tokens):
        word, start, end = tokens[at]
        minus = "-" if at and tokens[at - 1][0] == "minus" else ""
        value, after = _spelled(tokens, at, text)
        if after > at:
            lone = word == "one" and after == at + 1  # "one of them" is no number that a claim makes up
            figure = Figure(() if lone else (minus + value,), (), (value,) if lone else ())
            yield NumberSpan(start, tokens[after - 1][2], figure)
            at = after
            continue
        if any(mark.isdigit() for mark in word):
            yield NumberSpan(start, end, _figure(minus + word))
        elif lead := "-".join(takewhile(SPELLED.__contains__, word.split("-"))):  # of `twelve-hour`
            whole = (lead, start, start + len(lead))
            yield NumberSpan(start, whole[2], Figure((), (), (_spelled([whole], 0, text)[0],)))
        at += 1


def _spelled(tokens: list[tuple[str, int, int]], at: int, text: str) -> tuple[str, int]:
    """The value of a number in words (`twenty-five thousand`, `2.5 million`) and the token after it."""
    total = current = 0.0
    begin, first = at, tokens[at][0]
    if re.fullmatch(r"\d+([.,]\d+)?", first) and at + 1 < len(tokens) and tokens[at + 1][0] in TIMES:
        current, at = float(first.replace(",", ".")), at + 1
    while at < len(tokens) and (at == begin or re.fullmatch(r"[\s-]", text[tokens[at - 1][2] : tokens[at][1]])):
        parts = tokens[at][0].split("-")
        if parts == ["and"] and at > begin and tokens[at - 1][0] in TIMES and _follows(tokens, at + 1):
            pass
        elif (
            all(part in SPELLED for part in parts) and len(parts) < 3 and current % (10 if len(parts) < 2 else 100) == 0
        ):
            current += sum(SPELLED[part] for part in parts)
        elif parts[0] in TIMES and len(parts) == 1 and (at > begin or (first in TIMES and _counted(tokens, at))):
            times = TIMES[parts[0]]
            current = max(current, 1) * times
            if times >= 1000:
                total, current = total + current, 0.0
        else:
            break
        at += 1
    value = total + current
    return f"{value:.10g}" if value < 1e10 else f"{value:.0f}", at


def _follows(tokens: list[tuple[str, int, int]], at: int) -> bool:
    return at < len(tokens) and all(part in SPELLED for part in tokens[at][0].split("-"))


def _counted(tokens: list[tuple[str, int, int]], at: int) -> bool:
    return at > 0 and tokens[at - 1][0] in ("a", "per")


def _figure(word: str) -> Figure:
    sign, bare = ("-", word[1:]) if word.startswith("-") else ("", word)
    readings: tuple[str, ...]
    if match := ORDINAL.fullmatch(bare):
        readings = (_plain(match[1]),)
    elif BY_COMMA.fullmatch(bare):
        readings = (bare.replace(",", ""), bare.replace(",", "."))
    elif BY_POINT.fullmatch(bare):
        readings = (
            (bare.replace(",", "~").replace(".", "").replace("~", "."), bare)
            if "," in bare
            else (bare, bare.replace(".", ""))
        )
    elif match := WITH_UNIT.fullmatch(bare):
        number = _plain(match[1].replace(",", "."))
        if times := SCALES.get(match[2]):
            return Figure(
                (f"{sign}{float(number) * times:.10g}" if times < 1e9 else f"{sign}{float(number) * times:.0f}",)
            )
        if match[2] == "m":  # metres or millions
            return Figure((sign + bare, sign + number, f"{sign}{float(number) * 1e6:.0f}"), (), (sign + number,))
        return Figure((sign + bare, sign + number), (), (sign + number,)) if match[2] != "s" else Figure((sign + bare,))
    elif re.fullmatch(r"\d+,\d+", bare):
        readings = (bare.replace(",", "."),)
    elif re.fullmatch(r"[\d.]+", bare):
        readings = (bare,)
    else:
        return _compound(word)
    return Figure(tuple(sign + reading for reading in readings))


def _compound(word: str) -> Figure:
    """`3-4`, `24-hour`, `pep-8`, `2023/24` tell their numbers; `14:30` and `1/2` are one thing."""
    parts = tuple(_plain(part) for part in re.split(r"[,'’/:-]", word) if any(mark.isdigit() for mark in part))
    if len(parts) < 2 and parts[:1] == (word,):
        return Figure((word,))
    tells = () if ":" in word else tuple(part for part in parts if "/" not in word or len(part) > 2)
    return Figure((word,), parts, tells)


def _plain(digits: str) -> str:
    return digits.lstrip("0") or "0" if digits.isdigit() else digits
