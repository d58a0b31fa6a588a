"""Several things that a document lists: the whole list under the heading, or behind the words, that name them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.passages.relevance import relevance
from agentflow.research.passages.shown import Candidate
from agentflow.research.passages.steps import alike, introduces, sentences_after, with_steps
from agentflow.research.question.direct import direct
from agentflow.research.question.planning import may_be_several
from agentflow.text.plurals import PLURAL
from agentflow.text.words import families

ASKS = re.compile(
    rf"(?:what|which) are (?:the |all (?:the )?)[^?]*?\b{PLURAL}(?! (?:of|in|between)\b.*\b(?:of|between)\b)"
    r"|(?:what|which) [^?]{2,60}? (?:are there|exist|are (?:supported|available|possible|allowed))\b"
    rf"|(?:what|which) (?:\w+ ){{0,2}}{PLURAL} (?:does|do|can) [^?]{{2,60}}? (?:have|offer|support|provide|take|accept|know|read|understand)\W*$"
    rf"|(?:list|name) (?:all(?: the)?|the) (?!(?:\w+ )?\w+ (?:that|which|who)\b)(?:\w+ )?{PLURAL}",
    re.IGNORECASE,
)
SEVERAL = re.compile(
    rf"(?:what|which) (?:(?:kind|type|sort)s? of )?(?:[^\W\d_]+ ){{0,2}}?(?P<things>{PLURAL}) (?:is|are|was|were|do|does|did|can|could|may|must|should|will|have|has)\b",
    re.IGNORECASE,
)
ENTRIES = ("item", "term", "row")
MOST, BACK = 20, 4_000  # lines of a quote; characters in which its list may have begun before a passage
OWN, NAMED = 0.4, 0.7  # of the question by what stands over the list; with the title of its document
NUMBERED = re.compile(r"\s*(?:\d+[.)]|#\.)\s")
MARKED = re.compile(r"^[ \t]*(?:[-*+•|]|\d+[.)]|#\.)\s*\S", re.MULTILINE)


class Listing(NamedTuple):
    """A list and the words over it: its heading, and the sentence that introduces it."""

    passage: Passage
    label: str
    introduction: Sentence | None
    entries: list[Sentence]


def wants_list(question: str) -> bool:
    """Whether a person asks for several things."""
    return bool(ASKS.match(direct(question)))


def list_of(context: Context, question: str, passage: Passage, start: int) -> Listing | None:
    """The list whose item begins there, when the words over it name the things that the question asks several of: the whole
    stands for one of `The following metrics are sent:`; or when they alone say what is asked, and the item does not."""
    asked, several = SEVERAL.match(direct(question)), may_be_several(question)
    found = [each for each in listings(context, passage) if any(entry.start == start for entry in each.entries)]
    if not (asked or several) or not found or found[0].entries[0].kind != "item" or not found[0].introduction:
        return None
    label, wanted = families(found[0].label), families(question)
    [item] = [entry for entry in found[0].entries if entry.start == start]
    named = asked and families(asked["things"]) <= label
    over = several and wanted & label and not wanted & families(item.text)
    return found[0] if named or over else None


async def listing(context: Context, rarity: Rarity, passages: Sequence[Passage]) -> Listing | None:
    """The list whose label is nearest to the question, none where no label names what it asks for."""
    found = [
        each
        for passage in passages
        for each in listings(context, passage)
        if rarity.coverage(each.label) >= OWN and rarity.coverage(f"{passage.title} {each.label}") >= NAMED
    ]
    labels = [each.label for each in found]
    cosines = await context.searcher.similarity(rarity.question, labels) if found else []
    near = relevance(rarity, labels, [each.passage.title for each in found], cosines)
    return max(zip(near, found, strict=True), key=lambda pair: pair[0], default=(0.0, None))[1]


def listings(context: Context, passage: Passage) -> list[Listing]:
    """The lists that begin in a passage; they may end in a later one."""
    found, heading = list[Listing](), passage.under
    before: Sentence | None = None
    for sentence in passage.sentences:
        heading = sentence.names or heading
        if sentence.kind in ENTRIES and (before is None or before.kind != sentence.kind):
            over, entries = around(context, passage, before, sentence)
            introduction = over if over and over.kind == "prose" and introduces(over) else None
            label = f"{heading} {one_line(introduction.text) if introduction else ''}".strip()
            if len(entries) > 1:
                found.append(Listing(passage, label, introduction, entries))
        before = sentence
    return found


def around(
    context: Context, passage: Passage, before: Sentence | None, entry: Sentence
) -> tuple[Sentence | None, list[Sentence]]:
    """The sentence before the list that holds an entry, and the list: where a passage begins with it, it may have begun in
    an earlier one."""
    earlier: list[Sentence] = []
    if before is None:
        near = context.corpus.following(passage.document, max(0, entry.start - BACK), BACK)
        for other in reversed([one for one in near if one.start < entry.start]):
            if other.kind != entry.kind:
                before = other
                break
            earlier.insert(0, other)
    return before, alike([*earlier, entry, *sentences_after(context, passage, entry)], MOST)


def is_numbered(context: Context, each: Listing) -> bool:
    """Whether it goes step by step."""
    return NUMBERED.match(lines(context, each.passage, each.entries)) is not None


def lines(context: Context, passage: Passage, entries: Sequence[Sentence]) -> str:
    """The list as it stands, from the mark of its first entry on."""
    text = context.corpus.text(passage.document)
    return text[text.rfind("\n", 0, entries[0].start) + 1 : entries[-1].end]


def list_answer(context: Context, each: Listing) -> tuple[str, Candidate]:
    """The answer, the words over the list on one line and its lines beneath, and the quote."""
    passage, label, introduction, entries = each
    told = lines(context, passage, entries)
    first = entries[0]
    opening = introduction or replace(first, start=first.end - len(lines(context, passage, [first])))
    quote = with_steps(context, Candidate(passage, opening), entries)
    over = one_line(introduction.text) if introduction else f"{label}:"
    if not MARKED.search(told):  # formats that draw the marks themselves
        told = "\n".join(f"- {one_line(entry.text)}" for entry in entries)
    return f"{over}\n{told}", quote
