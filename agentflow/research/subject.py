"""What a person wants an overview of, by the words of the request."""

import re

from agentflow.research.planning import STARTS, direct
from agentflow.text.words import content_words

SAID = r"(?:says?|said|tells?(?: us)?|write|written|report(?:ed)?|mention(?:ed)?|known?)"
ON = rf"\b{SAID}\b.{{0,20}}?\b(?:about|on|of)"
FORMS = (
    rf"what (?:do|does|did|is|are|was|were|has|have) .{{0,60}}?{ON}",
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
EVERYTHING = set(
    content_words("documents papers files notes folder folders texts pages articles sources corpus collection library")
)


def subject(question: str) -> str | None:
    """`erosion` of `What do these papers say about erosion?`; empty for all that there is to read, `Summarise these
    documents`; None when a question is to be answered."""
    found = SURVEY.fullmatch(direct(question))
    if found is None or STARTS.match(about := found["of"] or found["by"]):
        return None
    return about if set(content_words(about)) - EVERYTHING else ""
