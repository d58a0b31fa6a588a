"""What to search for when an answer leaves part of its question open: names that the first passages bring up.

A question of several hops names the first document and asks about the second; the second's name stands in the first
(IRCoT, Trivedi et al. 2023, searches with what the last step found; here it is found without a further model call).
"""

import re
from collections.abc import Iterable, Sequence

from agentflow.corpus.passage import Passage
from agentflow.corpus.store import Corpus
from agentflow.research.relevance import Rarity
from agentflow.text.words import content_words

NAME = re.compile(r"\b[A-Z][\w’'-]+(?:[ ](?:of |the |de |von |van |and )?[A-Z][\w’'-]+)*")
WORD = re.compile(r"[^\W_]+")
QUERIES = 3
LINKS = 4  # documents followed by name


def named_documents(corpus: Corpus, passages: Sequence[Passage]) -> list[int]:
    """Ids of documents whose title stands in the passages' text, in the order of the passages; no copies of web pages."""
    have = {passage.document for passage in passages}
    copies = {path for (path,) in corpus.rows("SELECT path FROM origins")}
    own = [document for document in corpus.documents() if document.path not in copies]
    titles = {plain(document.title): document.id for document in own if document.title and not document.error}
    found: dict[int, None] = {}
    for passage in passages:
        text = plain(passage.text)
        for title, document in titles.items():
            if document not in have and len(title) > 5 and title in text:
                found.setdefault(document)
    return list(found)[:LINKS]


def plain(text: str) -> str:
    """Lower-case words between single blanks, one before and one behind."""
    return f" {' '.join(WORD.findall(text.lower()))} "


def queries(question: str, rarity: Rarity, sentences: Iterable[str]) -> list[str]:
    """A name that the sentences bring up, with the words of the question that are still open."""
    asked = set(content_words(question))
    names: dict[str, None] = {}
    text = " ".join(sentences)
    for match in NAME.finditer(text):
        name = match.group()
        if not set(content_words(name)) & asked and len(name) > 3:
            names.setdefault(name)
    rest = " ".join(rarity.open_words(text)[:6])
    return [f"{name} {rest}".strip() for name in list(names)[:QUERIES]]
