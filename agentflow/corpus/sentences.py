"""Prose to sentences, by rule: spans, never copies."""

import re
from collections.abc import Iterator

from agentflow.corpus.blocks import Block
from agentflow.corpus.tokens import estimate_tokens

END = re.compile(
    r"""(?: [.!?…]+ ["'”’»)\]*_`]* (?=\s)      # a stop, closing marks, then a blank
        | [。！？]+ [」』”’）]*                  # scripts that set no blank
    )""",
    re.VERBOSE,
)
OPENING = re.compile(r"""\s+["'“‘«(\[*_`¿¡:|<-]*[A-Z0-9À-ÞĀ-Ž\u0370-\u1fff\u3040-\uffff]""")
ABBREVIATION = re.compile(
    r"""(?:^|[\s(\["'])(?: [A-Z]                       # an initial
        | (?i:mr|mrs|ms|dr|prof|st|jr|sr|vs|cf|eg|ie|e\.g|i\.e|etc|al|fig|figs|eq|eqs|sec|ch|vol|pp?|ed|eds
             |approx|inc|ltd|co|corp|gen|col|lt|sgt|rev|hon|gov|sen|rep|dept|univ|est|jan|feb|mar|apr|jun|jul|aug
             |sept?|oct|nov|dec|u\.s|u\.k|a\.m|p\.m|ph\.d|resp|incl|ref|refs|viz|ca|op)
        )\.$""",
    re.VERBOSE,
)
NUMBER = re.compile(r"(?i)(?:^|\s)nos?\.$")
# An abbreviation that often ends a sentence too: a capital after it decides for the end.
MAY_END = re.compile(r"(?i)(?:etc|al|inc|ltd|co|corp|jr|sr|u\.s|u\.k|a\.m|p\.m|ph\.d)\.$")
WORD = re.compile(r"[^\W_]")
LETTER = re.compile(r"[^\W\d_]")
LONGEST_TOKENS = 110
LONGEST = 600


def sentences(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of one block, none longer than a passage may hold; bare punctuation is left out."""
    spans = _split(text, block.start, block.end) if block.kind in ("prose", "item") else [(block.start, block.end)]
    for start, end in spans:
        for piece in _cut(text, start, end):
            if WORD.search(text, *piece):
                yield piece


def citable(text: str, start: int, end: int, block: Block) -> bool:
    """Whether the piece says something by itself, as a heading, a page number or a lone mark does not."""
    if block.kind == "heading":
        return block.code
    return block.kind not in ("prose", "item") or len(LETTER.findall(text, start, end)) > 1


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for match in END.finditer(text, start, end):
        stop = match.end()
        if stop >= end or not _ends(text, begin, match.start(), stop, end):
            continue
        yield begin, stop
        begin = stop + len(text[stop:end]) - len(text[stop:end].lstrip())
    if begin < end:
        yield begin, end


def _ends(text: str, begin: int, mark: int, stop: int, end: int) -> bool:
    if text[mark] in "。！？":
        return True
    if text[mark] != ".":
        return OPENING.match(text, stop, end) is not None or text[stop : stop + 1] == "\n"
    if mark > begin and text[mark - 1].isspace():  # tokenised text sets a blank before the stop
        return True
    if OPENING.match(text, stop, end) is None:
        return False
    head = text[max(begin, mark - 12) : mark + 1]
    if NUMBER.search(head) and text[stop : stop + 2].strip().isdigit():
        return False
    return ABBREVIATION.search(head) is None or (MAY_END.search(head) is not None and len(head) > 4)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A run without stops (a table in prose, base64) is cut at line ends, clauses, blanks, else anywhere."""
    while end - start > LONGEST or (end - start > LONGEST_TOKENS and estimate_tokens(text[start:end]) > LONGEST_TOKENS):
        size = min(LONGEST, end - start - 1)
        while size > LONGEST_TOKENS and estimate_tokens(text[start : start + size]) > LONGEST_TOKENS:
            size = size * 3 // 4
        window = text[start : start + size]
        at = max(window.rfind("\n"), *(window.rfind(mark) + 1 for mark in ("; ", ": ", ", ")))
        if at < size // 3:
            at = window.rfind(" ")
        if at < size // 3:
            at = size
        stop = start + len(window[:at].rstrip()) if window[:at].strip() else start + at
        yield start, stop
        start = stop + len(text[stop:end]) - len(text[stop:end].lstrip())
    if start < end:
        yield start, end
