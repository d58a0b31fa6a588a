"""A sentence that refers to the one before it, by `it` or `both`: the quote includes that one too."""

import re
from dataclasses import replace

from agentflow.context import Context
from agentflow.corpus.evidence import cite, one_line
from agentflow.corpus.passage import Sentence
from agentflow.research.passages.steps import MARK, introduces
from agentflow.research.reply import Reply

LEANS = re.compile(
    r"\W*(?:both|it|its|this|these|those|they|their|them|he|she|his|her|such|the (?:former|latter|same|two)|otherwise|instead"
    r"|in (?:this|that|these|those|such) cases?|because of (?:this|that))\b",
    re.IGNORECASE,
)
STANDS = re.compile(  # `it is possible to`, which means nothing before it; a page that speaks of itself
    r"\W*(?:it(?: is|['’]s| was| may be| can be) (?:\w+ly )?(?:not )?(?:recommended|advised|assumed|expected|(?:im)?possible|necessary|important|easy|hard"
    r"|difficult|best|better|good|enough|safe|normal|common|usual|useful|helpful|(?:un)?likely|clear|true|worth|wise|sufficient|typical)"
    r"|this (?:page|section|chapter|document|guide|manual|report|paper|article))\b",
    re.IGNORECASE,
)
MOST, BACK, FEW = 2, 1_000, 60  # sentences carried along; characters in which they stand, and sentences
ENTRY = re.compile(rf"\n\s*{MARK}")  # the next item of a list


def refers_back(text: str) -> bool:
    """Whether it says of what it speaks in a sentence before it."""
    return bool(LEANS.match(text)) and not STANDS.match(text)


def with_antecedent(context: Context, said: Reply) -> Reply:
    """The reply with the sentences before its quote that this leans on, in the answer as well where it is the whole quote."""
    quote, passage = said.evidence, said.passage
    if not quote or not passage or not refers_back(quote.text):
        return said
    text = context.corpus.text(passage.document)
    near = context.corpus.following(passage.document, max(0, quote.start - BACK), FEW)
    own = next((sentence for sentence in near if sentence.start == quote.start), None)
    first = own
    for other in reversed([sentence for sentence in near if sentence.start < quote.start][-MOST:]):
        if not first or not refers_back(first.text) or not is_before(other, first, text):
            break
        first = other
    if not own or not first or first is own or introduces(own):
        return said
    begins = text[first.start : quote.start]
    whole = cite(context.corpus, passage, replace(first, end=quote.end, text=text[first.start : quote.end]))
    told = f"{one_line(begins)} {said.text}" if said.text.startswith(one_line(own.text)) else said.text
    return replace(said, text=told, evidence=whole)


def is_before(other: Sentence, sentence: Sentence, text: str) -> bool:
    """Whether it is said right before the sentence, in running text or in the same item of a list."""
    apart = text[other.end : sentence.start]
    return other.citable and other.kind == sentence.kind in ("prose", "item") and not ENTRY.search(apart)
