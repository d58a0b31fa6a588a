"""Terms that documents define: what a sentence says the nature of, and acronyms that one writes out."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.text.acronyms import expansion
from agentflow.text.words import STOP, words

DEFINED = re.compile(
    r"(?:(?:An? )(?P<kind>[\w-]+(?: [\w-]+){0,2})|(?P<name>[A-Z][\w-]*(?: [A-Z][\w-]*){0,2})) (?:is|are) (?:an?|the) \w"
)
ACRONYM = re.compile(r"\(([A-Z][\w-]{1,8}|[a-z][A-Z]\w{1,8})\)")


class Term(TypedDict):
    term: str
    documents: int


def terms(
    about: Annotated[str, Field(max_length=200, description="only documents whose title or path has these words")] = "",
    limit: Annotated[int, Field(ge=1, le=100)] = 12,
    *,
    context: Context,
) -> list[Term]:
    """List terms that a sentence of the run's documents defines, those used in most documents first."""
    wanted = about.lower().split()
    corpus = context.corpus
    texts = [
        (one.id, corpus.text(one.id))
        for one in corpus.readable_documents(context.searcher.scope)
        if all(word in f"{one.title} {one.path}".lower() for word in wanted)
    ]
    defined = dict.fromkeys(term for document, text in texts for term in _defined(context, document, text))
    used = [Counter(words(text)) for _, text in texts]
    counts = {term: sum(all(word in text for word in words(term)) for text in used) for term in defined}
    ranked = sorted(defined, key=lambda term: -counts[term])
    return [Term(term=term, documents=counts[term]) for term in ranked[:limit]]


def _defined(context: Context, document: int, text: str) -> Iterator[str]:
    spans = context.corpus.rows(
        "SELECT s.start, s.end FROM sentences s JOIN chunks c ON c.id = s.chunk"
        " WHERE c.document = ? AND s.kind IN ('prose', 'item') ORDER BY s.start",
        (document,),
    )
    for start, end in spans:
        sentence = " ".join(text[start:end].split())
        if found := DEFINED.match(sentence):
            term = found["kind"] or found["name"]
            if not set(words(term)) & STOP:  # words of every text
                yield term
        for acronym in ACRONYM.findall(sentence):
            if expansion(acronym, sentence):
                yield acronym
