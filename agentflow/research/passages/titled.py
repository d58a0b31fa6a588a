"""Documents that are named by their title: by a question, which they answer, and by other documents."""

import re
from collections.abc import Sequence

from agentflow.corpus.document import Document
from agentflow.corpus.memo import of_corpus
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import documents_with
from agentflow.corpus.store import Corpus
from agentflow.research.passages.dated import of_another_year
from agentflow.text.names import identifying
from agentflow.text.numbers import numbers
from agentflow.text.words import STOP, words

WORD = re.compile(r"[^\W_]+")
PARTS = re.compile(r" [–—-] ")  # between the number and the words of a title: `PEP 8 – Style Guide`
QUOTED = re.compile(r"[\"“„«]([^\"“”„«»]+)[\"”“»]")
LINKS = 4  # documents followed by name
FEW, SHARE = 3, 0.1  # documents, and of all, that may speak of a thing by its name

Scope = frozenset[int] | None  # documents that may be read, by id; None for all


def plain(text: str) -> str:
    """Lower-case words between single blanks, one before and one behind."""
    return f" {' '.join(WORD.findall(text.lower()))} "


def named_documents(corpus: Corpus, passages: Sequence[Passage], scope: Scope) -> list[int]:
    """Ids of documents whose title stands in the passages' text, in the order of the passages."""
    have = {passage.document for passage in passages}
    titles = {names[0]: document.id for document, names in _called(corpus, scope) if document.id not in have}
    found: dict[int, None] = {}
    for passage in passages:
        text = plain(passage.text)
        found |= dict.fromkeys(id for title, id in titles.items() if len(title) > 5 and title in text)
    return list(found)[:LINKS]


def titled(corpus: Corpus, text: str, scope: Scope) -> list[int]:
    """Ids of the documents that the text names by their title of two words or more, or by its part before or after a dash."""
    asked = plain(text)
    return [
        document.id
        for document, names in _called(corpus, scope)
        if any(name in asked and len(set(name.split()) - STOP) > 1 for name in names)
    ]


def about_another(corpus: Corpus, question: str, passage: Passage, beside: Sequence[Passage]) -> str:
    """That the passage is about another title, thing or year than the question, in words; else empty."""
    if other := of_another(corpus, question, passage, beside):
        return f"its passage is not of {other!r}"
    if other := of_another_thing(corpus, question, passage):
        return f"its passage does not speak of {other}"
    if year := of_another_year(question, passage, beside):
        return f"its passage is not of {year}"
    return ""


def of_another(corpus: Corpus, question: str, passage: Passage, beside: Sequence[Passage] = ()) -> str:
    """The title that the question quotes, when documents have it, and the passage neither is of these nor names it, nor do
    theirs among those read beside it name its document; else empty."""
    for title in QUOTED.findall(question):
        documents = titled(corpus, title, None)
        if not documents or passage.document in documents or plain(title) in plain(passage.text):
            continue
        if not is_named(passage, [other for other in beside if other.document in documents]):
            return str(title)
    return ""


def of_another_thing(corpus: Corpus, question: str, passage: Passage) -> str:
    """The word of the question that is the whole title of a document, `quickjob`, when the passage is not of it; else empty.
    What many documents speak of, as of `support`, is no such name."""
    titles = [names[0].strip() for _, names in _called(corpus, None)]
    told = plain(f"{passage.path} {passage.source} {passage.text}")
    many = max(FEW, SHARE * len(titles))
    names = {word for word in plain(question).split() if word in titles and word not in STOP}
    asked = [word for word in sorted(names) if documents_with(corpus, word) <= many]
    return "" if any(f" {word} " in told for word in asked) else " or ".join(asked)


def speaks_of(question: str, passage: Passage) -> bool:
    """Whether the passage has every name and number of the question, `two` for 2 as well."""
    told = f"{passage.source} {passage.text}"
    return identifying(question) <= set(words(told)) | numbers(told)


def is_named(passage: Passage, by: Sequence[Passage]) -> bool:
    """Whether a passage of another document names this one's by its title."""
    return any(plain(passage.title) in plain(other.text) for other in by if other.document != passage.document)


def led_from(start: Sequence[Passage], shown: Sequence[Passage]) -> set[int]:
    """Ids of the documents of `start` and of those shown that these name by title, or that one so named does, and so on."""
    reached = list(start)
    while more := [one for one in shown if one not in reached and is_named(one, reached)]:
        reached += more
    return {passage.document for passage in reached}


def own_documents(corpus: Corpus, scope: Scope) -> list[Document]:
    """Documents that may be read and have a title; no copies of web pages."""
    return [document for document, _ in _called(corpus, scope)]


def _called(corpus: Corpus, scope: Scope) -> list[tuple[Document, list[str]]]:
    """The same, each with its plain title and the parts of that."""
    return [pair for pair in _all_called(corpus) if scope is None or pair[0].id in scope]


@of_corpus
def _all_called(corpus: Corpus) -> list[tuple[Document, list[str]]]:
    copies = {path for (path,) in corpus.rows("SELECT path FROM origins")}
    documents = [one for one in corpus.documents() if one.title and not one.error and one.path not in copies]
    return [(one, [plain(form) for form in [one.title, *PARTS.split(one.title)]]) for one in documents]
