"""Documents of a kind as rows, `the invoices`: the labels of their lines are the columns."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from agentflow.context import Context
from agentflow.corpus.passage import Passage, Sentence
from agentflow.research.forms.labelled import label_of, value_of
from agentflow.research.passages.titled import own_documents
from agentflow.research.tables import lexicon
from agentflow.research.tables.table import TableRow
from agentflow.text.words import families, has_digit, words

TITLE = "document"
MOST, SMALL = 400, 200  # documents of a kind; of a corpus whose documents are known by their first lines
LINES = """SELECT DISTINCT chunks.id FROM sentences JOIN chunks ON chunks.id = chunk
    WHERE sentences.kind IN ('field', 'row') AND chunks.document IN ({}) ORDER BY chunks.id"""
FIGURE = re.compile(  # `TOTAL      GBP 239.76`
    r"(?P<label>[^\W\d_][^\W\d]*(?: [^\W\d]+){0,2})(?:\s{2,}|:\s*)(?P<value>(?:[A-Z]{3}|[€$£])?\s?\d[\d.,]*(?:\s?(?:[A-Z]{3}|[€$£]))?)"
)


def documents_as_rows(context: Context, question: str, passages: Sequence[Passage]) -> Iterator[list[TableRow]]:
    """For each word of the question, or of the titles of several of these passages' documents, that several documents with labelled
    lines are called by, these."""
    names = called(context)
    found = {passage.document: families(passage.title) for passage in passages}
    shared = Counter(family for title in found.values() for family in title)
    kinds = [
        *(family for word in words(question) for family in families(word)),
        *(family for family, count in shared.items() if count > 1),
    ]
    seen = set[frozenset[int]]()
    for family in dict.fromkeys(kinds):
        alike = frozenset(id for id, name in names.items() if family in name)
        if family in lexicon.GENERIC or has_digit(family) or alike in seen or not 1 < len(alike) <= MOST:
            continue
        seen.add(alike)
        if len(rows := list(labelled_rows(context, sorted(alike)))) > 1:
            kind = next((word for word in words(question) if family in families(word)), "")
            yield [row._replace(kind=kind) for row in rows]


def called(context: Context) -> dict[int, set[str]]:
    """What each document is called, by its title; in a small corpus also by the word that one of its first lines begins with,
    `INVOICE 2403`."""
    documents = own_documents(context.corpus, context.searcher.scope)
    names = {document.id: families(document.title) for document in documents}
    if len(documents) <= SMALL:
        for passage in context.corpus.passages(context.corpus.openings(names)):
            opening = [line for sentence in passage.sentences for line in sentence.text.splitlines()]
            names[passage.document] |= {
                f for line in opening for f in families(line.split()[0] if line.split() else "")
            }
    return names


def labelled_rows(context: Context, documents: list[int]) -> Iterator[TableRow]:
    marks = ", ".join("?" * len(documents))
    chunks = [chunk for (chunk,) in context.corpus.rows(LINES.format(marks), documents)]
    every: dict[int, list[Passage]] = {}
    for passage in context.corpus.passages(chunks):
        every.setdefault(passage.document, []).append(passage)
    for passages in every.values():
        told = {
            found[0].lower(): (found[1], line)
            for passage in reversed(passages)
            for line in reversed(passage.sentences)
            if (found := labelled(line))
        }
        if told:
            cells = {TITLE: passages[0].title} | {name: value for name, (value, _) in told.items()}
            yield TableRow(passages[0], {name: line for name, (_, line) in told.items()}, cells)


def labelled(line: Sentence) -> tuple[str, str] | None:
    """The label and the value of a line that has both: of a field, or of a figure at the foot of a bill."""
    if line.kind == "field" and (value := value_of(line.text)):
        return label_of(line.text), value
    figure = FIGURE.fullmatch(line.text.strip()) if line.kind == "row" else None
    return (figure["label"], figure["value"].strip()) if figure else None
