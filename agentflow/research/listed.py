"""A list that a model copied only the head of: what is asked for by its label is all of it."""

import re

from agentflow.corpus.readers.lines import field_of
from agentflow.text.words import families

LONGEST = 300  # characters of a list that a person reads as an answer
NEXT = re.compile(r"\s*(?:<[^>]*>|\([^)]*\))?\s*[,;]")  # what stands between two of a list


def whole(question: str, answer: str, line: str) -> str:
    """The value of a line `Label: one, two` when the answer is its head and the question asks by its label; else the answer."""
    label, value = field_of(line) or ("", "")
    if not answer or not families(label) & families(question) or not value.startswith(answer) or len(value) > LONGEST:
        return answer
    return value if NEXT.match(value[len(answer) :]) else answer
