"""A question on several places is asked of each: `What is the rent of Mill Street and Harbour Road?`"""

import re
from collections.abc import Sequence
from itertools import pairwise

from agentflow.context import Context
from agentflow.research.passages.placed import placed
from agentflow.research.question.planning import MOST
from agentflow.text.fold import unaccented

AND = re.compile(r"\s*(?:,|,?\s*(?:and|or|und|oder))\s+(?:(?:in|of|for|at|by|from|the|von|für)\s+)*", re.IGNORECASE)
COMPARES = re.compile(r"\b(?:which|compar\w+|differ\w*|between|than|more|less|total|together)\b", re.IGNORECASE)
COMPARE = re.compile(r"compare (?:the )?", re.IGNORECASE)
BLANK = r"[\W_]*"


def at_each_place(context: Context, question: str, parts: Sequence[str]) -> list[str]:
    """The parts of a question, one that names several places asked of each; one that names none asks of those that the whole
    question names. What compares places stays as it is."""
    corpus, scope = context.corpus, context.searcher.scope
    where = ", ".join(dict.fromkeys(place.name for place in placed(corpus, question, scope)))
    found: list[str] = []
    for part in parts:
        named = placed(corpus, part, scope)
        if where and not named and len(parts) > 1:
            part = f"{part.rstrip('? ')} ({where})?"
        found += of_each(part, [place.name for place in named])
    return found[:MOST]


def of_each(question: str, names: Sequence[str]) -> list[str]:
    """`What is the rent of A?` and `What is the rent of B?` for `What is the rent of A and B?`"""
    plainly = said if len(said := unaccented(question)) == len(question) else question
    spans = [
        span.span()
        for name in dict.fromkeys(names)
        if (span := re.search(rf"(?<!\w){BLANK.join(map(re.escape, name.split()))}(?!\w)", plainly, re.IGNORECASE))
    ]
    spans.sort()
    if (compared := COMPARE.match(question)) and len(spans) > 1:
        asked = [f"What is the {question[compared.end() : spans[0][0]]}{question[start:end]}?" for start, end in spans]
        return asked if spans[0][0] > compared.end() else [question]
    joined = all(AND.fullmatch(question[one[1] : other[0]]) for one, other in pairwise(spans))
    if len(spans) < 2 or len(spans) < len(set(names)) or not joined or COMPARES.search(question):
        return [question]
    return [question[: spans[0][0]] + question[start:end] + question[spans[-1][1] :] for start, end in spans]
