"""The documents that speak of something, `Which of the papers used camera traps?`: by their titles, with a sentence of each."""

import re
from collections.abc import Sequence

from agentflow.corpus.store import Corpus
from agentflow.corpus.terms import expression
from agentflow.research.passages.shown import Candidate, show
from agentflow.research.passages.titled import Scope, own_documents
from agentflow.research.question.direct import direct
from agentflow.text.opposites import denials
from agentflow.text.words import content_words, families, words

KINDS = r"papers?|documents?|notes?|files?|letters?|memos?|e-?mails?|minutes|contracts?|leases?|chapters?|sources|articles|studies|reports|postmortems?"
ASKS = re.compile(
    rf"(?:which|what) (?:one )?(?:(?:of )?(?:the|my|our|these|those) )?(?P<kind>{KINDS})(?: (?:that )?(?:i|we)(?:['’]ve| have)? (?:read|have|got|own|kept|keep))?"
    r" (?:that |which )?(?:(?:do|does|did|is|are|was|were|has|have) )?(?P<what>.+?)[\s?]*",
    re.IGNORECASE,
)
SPEAKS = families(
    "use uses used using mention mentions mentioned discuss discusses cover covers contain contains deal deals talk talks about describe describes"
    " say says said speak speaks concern concerns include includes tell tells refer refers write writes written work works with"
)
MOST, LOOKED_AT = 6, 60  # documents of one answer; passages


def which_documents(corpus: Corpus, question: str, scope: Scope) -> list[Candidate]:
    """A sentence of each document of the kind that has all words asked for in one sentence, the best found first; none where
    very many or all have, or where the question is put with a "not"."""
    asked = ASKS.fullmatch(direct(question))
    if not asked or denials(question):
        return []
    wanted = {word for word in content_words(asked["what"]) if not families(word) & SPEAKS}
    documents = own_documents(corpus, scope)
    alike = {
        one.id
        for one in documents
        if families(asked["kind"]) <= families(re.sub(r"[/_.-]", " ", f"{one.path} {one.title}"))
    }
    meant = alike or {one.id for one in documents}
    if not wanted or len(meant) < 2:
        return []
    found = [*entitled(corpus, wanted, meant), *telling(corpus, asked["what"], wanted, meant)]
    first = {line.passage.document: line for line in reversed(found)}
    return list(first.values())[::-1] if 0 < len(first) <= MOST and len(first) < len(meant) else []


def entitled(corpus: Corpus, wanted: set[str], documents: set[int]) -> list[Candidate]:
    """The first sentence of each document with all that is wanted in its title."""
    named = [id for id in sorted(documents) if wanted <= set(content_words(corpus.document(id).title))]
    first = {line.passage.document: line for line in reversed(show(corpus.passages(corpus.openings(named))).sentences)}
    return [first[id] for id in named if id in first]


def telling(corpus: Corpus, said: str, wanted: set[str], documents: set[int]) -> list[Candidate]:
    """The sentences with all that is wanted, under their heading, that deny nothing and are no rows of figures."""
    terms = [f"({expression(word)})" for word in words(said) if set(content_words(word)) & wanted]
    chunks = corpus.rows(
        "SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH ? ORDER BY rank LIMIT ?", [" AND ".join(terms), LOOKED_AT]
    )
    return [
        line
        for line in show(corpus.passages(chunk for (chunk,) in chunks)).sentences
        if line.passage.document in documents
        and line.sentence.kind != "row"
        and wanted <= set(content_words(f"{line.source} {line.text}"))
        and wanted & set(content_words(line.text))
        and not denials(line.text)
    ]


def titles(found: Sequence[Candidate]) -> str:
    return "; ".join(dict.fromkeys(line.passage.title for line in found))
