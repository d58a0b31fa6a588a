"""What a person wants an overview of, by the words of the request."""

import re
from collections.abc import Collection

from agentflow.corpus.document import Document
from agentflow.corpus.store import Corpus
from agentflow.research.planning import STARTS, direct
from agentflow.text.names import named
from agentflow.text.numbers import MONTHS
from agentflow.text.words import content_words, families

SAID = r"(?:says?|said|tells?(?: us)?|write|written|report(?:ed)?|mention(?:ed)?|known?)"
ON = rf"\b{SAID}\b.{{0,20}}?\b(?:about|on|of)"
FORMS = (
    rf"what (?:do|does|did|is|are|was|were|has|have) (?P<who>.{{0,60}}?){ON}",
    rf"(?:summari[sz]e|describe|discuss|review)(?: (?:what|everything|all)\b.{{0,60}}?{ON})?",
    r"(?:(?:give|write|make|prepare)(?: me| us)? )?(?:an? |the )?(?:short |brief )?(?:overview|summary|review) (?:of|on|about)",
    r"what are the (?:main|key|most important) (?:points|findings|topics|themes|results|facts) (?:of|in|on|about)",
    r"tell (?:me|us) about",
    r"what is known about",
)
SURVEY = re.compile(
    rf"(?:(?:please|can you|could you) )?(?:(?:{'|'.join(FORMS)}) (?P<of>.+?)|what do(?:es)? (?P<by>.+?) say)[?.!\s]*",
    re.IGNORECASE,
)
GERMAN = re.compile(r"(?:bitte )?fassen? (?:sie |mir )?(?P<of>.+?) (?:kurz )?zusammen[.!\s]*", re.IGNORECASE)
ONE = re.compile(r"(?:the|this|that|der|die|das|den|dieses?|diesen) (?=.)", re.IGNORECASE)
EVERYTHING = set(
    content_words("documents papers files notes folder folders texts pages articles sources corpus collection library")
)


def subject(question: str) -> str | None:
    """`erosion` of `What do these papers say about erosion?`; empty for all that there is to read, `Summarise these
    documents`; None when a question is to be answered."""
    found = SURVEY.fullmatch(direct(question)) or GERMAN.fullmatch(question)
    if found is None or STARTS.match(about := found["of"] or found["by"]):
        return None
    return about if set(content_words(about)) - EVERYTHING else ""


def speakers(question: str) -> set[str]:
    """The names of those whose words are asked for: `What does Ida Brandt say about erosion?`"""
    found = SURVEY.fullmatch(direct(question))
    return set(named(found["who"])) if found and found["who"] else set()


def meant(corpus: Corpus, about: str, scope: Collection[int] | None) -> list[int]:
    """Ids of the documents that `the minutes of March 2024` means: those whose path, title and date have all these words; none
    where that is not `the` one of something, or no document has them."""
    if not ONE.match(about):
        return []
    wanted = families(ONE.sub("", about))
    return [
        one.id for one in corpus.documents() if wanted <= families(label(one)) and (scope is None or one.id in scope)
    ]


def label(document: Document) -> str:
    """Its path, its title and its date in words."""
    year, month, *_ = [*(document.date or "").split("-"), "", ""]
    return f"{document.path} {document.title} {year} {MONTHS[int(month) - 1] if month else ''}"
