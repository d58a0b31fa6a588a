"""What an acronym stands for, where a text writes it in brackets behind its words.

By Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text", PSB 2003.
"""

import re


def expansion(acronym: str, text: str) -> str:
    """`transcranial magnetic stimulation` of `TMS` in `transcranial magnetic stimulation (TMS)`; empty where there is none."""
    for found in re.finditer(rf"\({re.escape(acronym)}s?\)", text):
        nearest = text[: found.start()].split()[-min(len(acronym) + 5, 2 * len(acronym)) :]
        if long := _matched(acronym.lower(), " ".join(nearest)):
            return long
    return ""


def _matched(letters: str, before: str) -> str:
    """The end of the text that has all letters in order, the first of them where a word begins."""
    text, at = before.lower(), len(before)
    for place in range(len(letters) - 1, -1, -1):
        if not letters[place].isalnum():
            continue
        at = text.rfind(letters[place], 0, at)
        while place == 0 and at > 0 and text[at - 1].isalnum():
            at = text.rfind(letters[place], 0, at)
        if at < 0:
            return ""
    return before[at:] if len(before) - at > len(letters) else ""
