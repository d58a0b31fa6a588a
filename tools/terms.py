"""Terms that a corpus is about: names and acronyms that many of its documents use, and most text does not."""

import re
from collections import Counter
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.text.words import STOP

NAME = re.compile(r"\b(?:[A-Z]{2,8}|[A-Z][a-z]+(?: [A-Z][a-z]+){1,2})\b")
MOST_TEXT = 20_000  # characters read of one document: terms are introduced early


class Term(TypedDict):
    term: str
    documents: int


def terms(
    about: Annotated[str, Field(max_length=200, description="only documents whose title or path has these words")] = "",
    limit: Annotated[int, Field(ge=1, le=100)] = 12,
    *,
    context: Context,
) -> list[Term]:
    """List names and acronyms that several documents of the corpus use, the most widespread first."""
    wanted = about.lower().split()
    counts: Counter[str] = Counter()
    for document in context.corpus.documents():
        if document.error or not all(word in f"{document.title} {document.path}".lower() for word in wanted):
            continue
        text = context.corpus.text(document.id)[:MOST_TEXT]
        counts.update({" ".join(match.split()) for match in NAME.findall(text)})
    total = max(len(context.corpus.documents()), 1)
    kept = [(term, count) for term, count in counts.most_common() if _tells(term, count, total)]
    return [Term(term=term, documents=count) for term, count in kept[:limit]]


def _tells(term: str, count: int, total: int) -> bool:
    """Not a lone use, not boilerplate of nearly every document, not a sentence's common opening."""
    rare = count < 2 and total > 3
    return not rare and (count <= 0.8 * total or total < 5) and term.split()[0].lower() not in STOP
