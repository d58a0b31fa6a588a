"""Numbers written in ideographs, in digits: `一百四十万` is 1400000 and `一九三一` is 1931."""

import re

from agentflow.text.scripts import HAN, HANGUL, KANA

DIGITS = {mark: value for value, marks in enumerate(("〇零", "一壹", "二两兩贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for mark in marks}  # fmt: skip
TIMES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
RUN = re.compile(f"[{''.join((*DIGITS, *TIMES, *MYRIADS))}]{{2,}}")
LONGEST = 100  # signs of a number

MIXED = re.compile(f"(\\d{{1,9}}(?:\\.\\d{{1,9}})?)\\s?([{''.join(MYRIADS)}])")
BESIDE = re.compile(f"(?<=[{HAN}{KANA}{HANGUL}])(?=[0-9])|(?<=[0-9])(?=[{HAN}{KANA}{HANGUL}])")


def in_digits(text: str) -> str:
    """The text with such numbers and with `40万` in digits, each digit set off from letters that set no blanks; a sign alone
    (`一`, `十分`) is left, and what is no number."""
    if text.isascii():
        return text
    return BESIDE.sub(" ", MIXED.sub(_scaled, RUN.sub(_written, text)))


def _scaled(found: re.Match[str]) -> str:
    return f" {round(float(found[1]) * MYRIADS[found[2]])} "


def _written(run: re.Match[str]) -> str:
    value = _value(run[0]) if len(run[0]) <= LONGEST else None
    return run[0] if value is None else f" {value} "


def _value(signs: str) -> int | None:
    if all(sign in DIGITS for sign in signs):
        return int("".join(str(DIGITS[sign]) for sign in signs))
    if signs[0] in MYRIADS or signs[0] in "百千佰仟":
        return None  # a word such as 万一
    total = section = digit = 0
    for sign in signs:
        if sign in DIGITS:
            digit = digit * 10 + DIGITS[sign]
        elif sign in TIMES:
            section, digit = section + (digit or 1) * TIMES[sign], 0
        else:
            total, section, digit = total + (section + digit or 1) * MYRIADS[sign], 0, 0
    return total + section + digit
