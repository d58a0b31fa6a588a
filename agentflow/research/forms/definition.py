"""What something is: the sentence that says so.

A small model answers `What is a solver?` with words near by; a sentence that defines can be told by its form.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.corpus.store import Corpus
from agentflow.research.passages.rows import row_text
from agentflow.research.passages.shown import Candidate, show
from agentflow.research.passages.steps import introduces
from agentflow.research.question.direct import direct
from agentflow.text.acronyms import expansion
from agentflow.text.markup import as_read
from agentflow.text.plurals import singular
from agentflow.text.words import content_words, words

ASKS = re.compile(
    r"what(?: is| are|['’]s) (?P<article>an? |the (?!.* of ))?(?P<thing>[\w.+#/-]+(?: [\w.+#/-]+){0,2}?)"
    r"(?: (?:in|for) (?:the )?(?P<whole>[\w.+#-]+(?: [\w.+#-]+)?))?\s*\?*$",
    re.IGNORECASE,
)
LEANS = re.compile(r" (?:to|for|of|about|with|in|on|at|by|from|like)$", re.IGNORECASE)  # `what is Ada allergic to`
ARTICLE = r"(?:(?:an?|the) )"
BEFORE = r"(?:[-*#>•]+ )?(?:in [\w ]{1,30}, )?"
OWNER = r"(?:(?!(?:each|every|all|some|any|no|this|that|if|when)\b)(?-i:[A-Z])\w+ )?"  # `A Kedro pipeline`
IS = r"(?:(?:is|are) (?!not\b|\w+(?:ed|en) (?:by|in|to|on|at|from|with|as|for|when|using)\b)|means?\b|refers? to\b|lets?\b)"
DOES = r"(?:(?:can|may) (?!also\b|be\b|not\b)\w|(?!(?:is|was|has|as|does|this|defaults)\b)\w{3,}s\b)"  # of a thing with its article
TELLS = (  # of one without: here a word with an s may as well be a noun
    r"(?:uses|seeks|aims|studies|measures|estimates|describes|concerns|deals|involves|provides|allows|enables|consists|combines"
    r"|gives|makes|creates|produces|converts|turns|represents|denotes|stands for)\b"
)
STANDS = re.compile(r"(?:it|this) (?:is|lets|can)\b|(?:they|these) (?:are|let|can)\b", re.IGNORECASE)
GLOSSARY = re.compile(r"\b(?:glossary|terms|terminology|definitions|vocabulary)\b", re.IGNORECASE)
SEARCHED, MOST = 40, 2  # passages looked through; of them taken
LEAST, OPENS = 5, 3  # words of a sentence that defines by its place, and of them those that name what is defined


class Thing(NamedTuple):
    """The thing to define, and what it is part of where the question says so: `solver` of `Inspect`. `bare` without an article."""

    name: str
    whole: str = ""
    bare: bool = False

    def said_by(self, text: str) -> bool:
        """Whether a sentence says what it is: `A solver is ...`."""
        name, aside = self._pattern, r"(?: \([^)]*\))?,? "
        does = rf"{name}{aside}{TELLS}" if self.bare else rf"{ARTICLE}{OWNER}{name}{aside}{DOES}"
        says = rf"{BEFORE}(?:{ARTICLE}?{OWNER}{name}{aside}{IS}|{does})"
        return bool(re.match(says, unmarked(text), re.IGNORECASE))

    def explained_by(self, text: str) -> bool:
        """Whether a sentence mentions the definition in passing: `we use solvers, a kind of function`."""
        beside = rf"(?<![\w.]){self._pattern}(?: \([^)]*\))?, (?:which (?:is|are) )?an? \w"
        return bool(re.search(beside, unmarked(text), re.IGNORECASE))

    def expanded_by(self, text: str) -> bool:
        """Whether a sentence writes the acronym out: `transcranial magnetic stimulation (TMS)`."""
        return any(letter.isupper() for letter in self.name) and bool(expansion(self.name, unmarked(text)))

    def listed_by(self, text: str) -> bool:
        """Whether an entry of a glossary has it: `solver: what ...`, or a row of a table."""
        entry = rf"{BEFORE}(?:\w+, )?{self._pattern}(?:, \w+)?(?: ?(?:\||:|[–—])| - )\s*\w"
        return bool(re.match(entry, unmarked(text), re.IGNORECASE))

    @property
    def _pattern(self) -> str:
        return r"[\s-]+".join(rf"{re.escape(singular(word))}(?:s|es)?" for word in self.name.split())


def thing(question: str) -> Thing | None:
    """What a question asks the nature of; None where it asks for something else."""
    found = ASKS.match(direct(question))
    if not found or not content_words(found["thing"]) or LEANS.search(found["thing"]):
        return None
    return Thing(found["thing"], found["whole"] or "", bare=not found["article"])


def is_definition(question: str, text: str) -> bool:
    """Whether a sentence defines what the question asks the nature of; True where it asks for something else."""
    asked = thing(question)
    return asked is None or any(
        defines(text) for defines in (asked.said_by, asked.listed_by, asked.explained_by, asked.expanded_by)
    )


async def definition(context: Context, question: str, passages: Sequence[Passage]) -> Candidate | None:
    """The sentence that defines what is asked for, a glossary's first, or the first under its own heading; of several the
    nearest to the question."""
    if (asked := thing(question)) is None:
        return None
    about = [passage for passage in passages if is_part(passage, asked.whole)]
    ranks = [(rank(asked, candidate), candidate) for candidate in show(about).sentences]
    best = max((place for place, _ in ranks), default=0)
    found = [candidate for place, candidate in ranks if place == best and best]
    found = found or [first for passage in about if (first := beneath_its_name(passage, asked.name))]
    if len(found) < 2:
        return found[0] if found else None
    alike = await context.searcher.similarity(question, [as_read(candidate.text) for candidate in found])
    return max(zip(alike, found, strict=True), key=lambda pair: pair[0])[1] if alike else found[0]


def rank(asked: Thing, candidate: Candidate) -> int:
    """0 for what does not define, 3 for what a glossary lists. A row of another table describes a column or an option."""
    kind, text = candidate.sentence.kind, candidate.text
    if kind != "code" and asked.listed_by(text):
        return 3 if GLOSSARY.search(candidate.passage.source) else int(kind not in ("row", "field"))
    if kind in ("code", "row"):
        return 0
    if asked.said_by(text):
        return 1 if introduces(candidate.sentence) else 2
    return int(asked.explained_by(text) or asked.expanded_by(text))


def definition_text(corpus: Corpus, question: str, candidate: Candidate) -> str:
    """The definition as text: an acronym written out, the cells of a row, else the whole sentence."""
    asked = thing(question)
    text = row_text(corpus, candidate)
    if asked is None or asked.said_by(text) or asked.explained_by(text) or asked.listed_by(candidate.text):
        return text
    return expansion(asked.name, unmarked(text)) or text


def unmarked(text: str) -> str:
    return as_read(text).replace("`", "")


async def defining(context: Context, question: str, where: Filter | None) -> list[int]:
    """Ids of passages, of all that there are, that define what is asked for: the opening of a document that is called so,
    then those with a sentence that does; MOST at most."""
    if (asked := thing(question)) is None:
        return []
    found = await context.searcher.search(f"{asked.name} {asked.whole}", k=SEARCHED, where=where)
    ranks = {
        passage.chunk: max((rank(asked, candidate) for candidate in show([passage]).sentences), default=0)
        for passage in found
        if is_part(passage, asked.whole)
    }
    telling = sorted(filter(ranks.get, ranks), key=lambda chunk: -ranks[chunk])
    return [*context.corpus.openings(called(context.corpus, asked, context.searcher.scope)), *telling][:MOST]


def called(corpus: Corpus, asked: Thing, scope: frozenset[int] | None) -> list[int]:
    """Ids of the documents that have the thing alone as their title."""
    wanted, whole = content_words(asked.name), set(words(asked.whole))
    return [
        one.id
        for one in corpus.readable_documents(scope)
        if content_words(one.title) == wanted and whole <= set(words(one.path.replace("_", " ")))
    ]


def beneath_its_name(passage: Passage, name: str) -> Candidate | None:
    """The first sentence under a heading that is the name alone."""
    wanted, named = content_words(name), content_words(passage.under) == content_words(name)
    for sentence in passage.sentences:
        if sentence.names:
            named = content_words(sentence.names) == wanted
        if named and sentence.kind in ("prose", "term") and len(words(sentence.text)) >= LEAST:
            opening = " ".join(words(sentence.text)[:OPENS])
            spoken = STANDS.match(sentence.text) or set(wanted) <= set(content_words(opening))
            if not sentence.citable or not spoken:
                return None
            return Candidate(passage, sentence)
    return None


def is_part(passage: Passage, whole: str) -> bool:
    """Whether the passage, or the path or title of its document, names the whole."""
    return set(words(whole)) <= set(words(f"{passage.path} {passage.source} {passage.text}".replace("_", " ")))
