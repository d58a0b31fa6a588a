"""Prose to sentences, by rule: spans, never copies."""

import re
from collections.abc import Iterator

from agentflow.corpus.blocks import Block
from agentflow.corpus.parsing.abbreviations import ends_nothing
from agentflow.corpus.parsing.tokens import reading_length
from agentflow.text.scripts import STOPS

END = re.compile(
    rf"""(?: [.!?…]+ ["'”’“»«›‹)\]*_`]* (?=\s)      # a stop, closing marks, then a blank
        | (?<=[\u0370-\u03ff\u1f00-\u1fff]) ;+ ["'”’»)\]]* (?=\s)   # the question mark of Greek
        | [{STOPS}]+ ["」』”’“»）)]*                  # a stop that nothing else uses
    )""",
    re.VERBOSE,
)
FINISHED = re.compile(rf"[.!?…{STOPS}][\"'”’»)\]*_`」』]*$")  # a text that ends as a sentence does
OPENING = re.compile(r"""\s+["'“‘„‚«‹(\[*_`¿¡:|<-]*([^\W_])""")
WORD = re.compile(r"[^\W_]")
LETTER = re.compile(r"[^\W\d_]")
FRAMED = re.compile(r"\s*[\u2500-\u259f].*[\u2500-\u259f]\s*", re.DOTALL)  # a piece of a drawn screen; trees end open
AMOUNT = re.compile(r"[€£$¥₹]\W?\d|\d\W?[€£$¥₹%‰°]|\b\d{1,2}:\d\d\b")  # under a heading, `£20.` is a statement
SPLIT = ("prose", "item", "term")
LONGEST_TOKENS = 110
LONGEST = 600


def sentences(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of one block, none longer than a passage may hold; bare punctuation is left out."""
    spans = _split(text, block.start, block.end) if block.kind in SPLIT else [(block.start, block.end)]
    for start, end in spans:
        for piece in _cut(text, start, end):
            if WORD.search(text, *piece):
                yield piece


def citable(text: str, start: int, end: int, block: Block) -> bool:
    """Whether the piece says something by itself, as a heading, a page number, a drawn frame or a lone mark does not."""
    if block.kind == "heading":
        return block.code
    if FRAMED.fullmatch(text, start, end):
        return False
    return block.kind not in SPLIT or len(LETTER.findall(text, start, end)) > 1 or bool(AMOUNT.search(text, start, end))


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
    if text[mark] in STOPS:
        return True
    opening = OPENING.match(text, stop, end)
    opens = opening is not None and not opening[1].islower()
    if text[mark] != ".":
        return opens or text[stop : stop + 1] == "\n"
    if mark > begin and text[mark - 1].isspace():  # tokenised text sets a blank before the stop
        return True
    return opens and not ends_nothing(text[begin : mark + 1], text[stop : min(stop + 40, end)])


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A run without stops (a table in prose, base64) is cut at line ends, clauses, blanks, else anywhere."""
    while end - start > LONGEST or (end - start > LONGEST_TOKENS and reading_length(text[start:end]) > LONGEST_TOKENS):
        size = min(LONGEST, end - start - 1)
        while size > LONGEST_TOKENS and reading_length(text[start : start + size]) > LONGEST_TOKENS:
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
