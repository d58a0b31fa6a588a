"""What a question sets for the rows it means: days from and to, and amounts above or below a number."""

import re
from functools import reduce
from itertools import pairwise
from typing import Literal, NamedTuple

from agentflow.text.numbers import A_MONTH, A_YEAR, MONTH


class Period(NamedTuple):
    """Days as ISO 8601 from `first` on and before `end`; of any year where it has no year, `05` or `05-31`."""

    first: str
    end: str

    def meets(self, first: str, last: str = "") -> bool:
        """Whether some of the days from `first` to `last` are in it, which may be a month or a year alone, or have the year 0."""
        yearless = len((self.first or self.end).split("-")[0].rstrip("~")) < 4
        since, end = self.first, self.end
        if first.startswith("0000") and not yearless:
            since, end, yearless = since[5:], end[5:], bool(since[5:])
        one, other = (first[5:], last[5:]) if yearless else (first, last)
        return bool(one) and one < end and max(one, other) >= since


DAY_OF = re.compile(
    rf"\b(?:(?:the )?week (?:of|from|starting|beginning|commencing)|(?P<when>since|after|before|until|from|by|up to))?\s*(?:the )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? (?:the )?(?=\d|{A_MONTH}))?(?:"
    rf"(?P<iso>\d{{4}}-\d\d(?:-\d\d)?)"
    rf"|(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{A_MONTH})\b\.?,?(?: (?P<y1>\d{{4}}))?"
    rf"|(?P<m2>{A_MONTH})\b\.? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d),?(?: (?P<y2>\d{{4}}))?"
    rf"|(?P<m3>{A_MONTH})\b\.?(?: (?:of )?(?P<y3>\d{{4}}))?"
    rf"|(?P<quarter>q[1-4]|(?:first|second|third|fourth) quarter)(?: (?:of )?(?P<y4>\d{{4}}))?"
    rf"|(?P<y5>{A_YEAR})(?![\d-]))"
)
COMPARES = re.compile(r"[\s,]*(?:than|and|or|vs\.?|versus|compared (?:to|with)|with)[\s,]*(?:in|for|of|during)?[\s,]*")
TO = re.compile(r"\s*(?:to|till?|through|and|-|–)?\s*")
QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def periods(asked: str) -> list[tuple[Period, str]]:
    """The days that lower-case words name, each with the words; `may` alone is no month; from one to another is one period."""
    found: list[tuple[Period, str]] = []
    before = ("", "", -1, -1)  # the first day, the word before it, and where the last days named begin and end
    for match in DAY_OF.finditer(asked):
        joined = match.start() >= before[3] >= 0 and TO.fullmatch(asked[before[3] : match.start()]) is not None
        ranged = (joined or match["when"] == "until") and (
            before[1] == "from" or asked[: before[2]].rstrip().endswith("between")
        )
        if (
            match["m3"] == "may"
            and not match["y3"]
            and not ranged
            and not re.search(
                r"\b(?:in|of|since|until|before|after|during|for) $",
                asked[: match.start()] + " " if not match["when"] else "in ",
            )
        ):
            continue
        year = next((match[name] for name in ("y1", "y2", "y3", "y4", "y5") if match[name]), "")
        month = next((f"{MONTH[match[name]]:02}" for name in ("m1", "m2", "m3") if match[name]), "")
        day = next((f"{int(match[name]):02}" for name in ("d1", "d2") if match[name]), "")
        if match["iso"]:
            first = last = match["iso"]
        elif match["quarter"]:
            number = int(match["quarter"][1]) if match["quarter"][0] == "q" else QUARTERS[match["quarter"].split()[0]]
            if not year:
                continue
            first, last = f"{year}-{3 * number - 2:02}", f"{year}-{3 * number:02}"
        else:
            first = last = "-".join(filter(None, [year, month, day]))
        if ranged and found:
            since = before[0] if len(before[0].split("-")[0]) == 4 or not year else f"{year}-{before[0]}"
            found[-1] = (Period(since, f"{last}~"), asked[before[2] : match.end()].strip())
        else:
            found.append((bounded(first, last, match["when"] or ""), match.group().strip()))
        before = (first, match["when"] or "", match.start(), match.end())
    return found


def bounded(first: str, last: str, when: str) -> Period:
    behind = f"{last}~"  # what sorts after every day in it
    if when in ("since", "from"):
        return Period(first, "~")
    if when == "after":
        return Period(behind, "~")
    if when == "before":
        return Period("", first)
    return Period("" if when in ("until", "by", "up to") else first, behind)


def at_each_time(asked: str) -> list[tuple[str, str]]:
    """The question for each of the times that it compares, `in 2023 than 2022`, with this time; none where it compares none."""
    times = [said for _, said in periods(asked)]
    between = [asked.partition(one)[2].partition(other)[0] for one, other in pairwise(times)]
    if len(set(times)) < 2 or not all(COMPARES.fullmatch(words) for words in between):
        return []
    others = {time: [other for other in times if other != time] for time in times}
    return [(reduce(lambda text, other: text.replace(other, " ", 1), others[time], asked), time) for time in times]


class Bound(NamedTuple):
    """More or less than a number, or that number too."""

    sign: Literal["more", "less"]
    number: str
    equal: bool
    unit: str


BOUND = re.compile(
    r"\b(?P<sign>more than|greater than|higher than|larger than|longer than|over|above|exceed(?:s|ed|ing)?|at least|less than|fewer than|lower than|smaller than|shorter than|under|below|at most|up to)"
    r" (?P<unit>[€$£]|eur |usd |gbp )?(?P<number>\d[\d.,]*\d|\d)(?: ?(?P<word>[^\W\d_]+))?"
)
LESS = ("less", "fewer", "lower", "smaller", "shorter", "under", "below", "at most", "up to")


def bounds(asked: str) -> list[tuple[Bound, str]]:
    found = []
    for match in BOUND.finditer(asked):
        sign: Literal["more", "less"] = "less" if match["sign"].startswith(LESS) else "more"
        equal = match["sign"] in ("at least", "at most", "up to")
        found.append((Bound(sign, match["number"], equal, match["word"] or ""), match.group()))
    return found
