"""Documents of a kind as rows, `the invoices`: the labels of their lines are the columns."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from agentflow.context import Context
from agentflow.corpus.passage import Passage, Sentence
from agentflow.research.forms.labelled import label_of, value_of
from agentflow.research.passages.of_kind import chunks_with
from agentflow.research.passages.titled import own_documents
from agentflow.research.tables import lexicon
from agentflow.research.tables.table import TableRow
from agentflow.text.words import families, has_digit, words

TITLE = "document"
SHARE = 0.25  # of the documents found, that share a word of their titles
MOST, SMALL = 400, 200  # documents of a kind; of a corpus whose documents are known by their first lines
FIGURE = re.compile(  # `TOTAL      GBP 239.76`
    r"(?P<label>[^\W\d_][^\W\d]*(?: [^\W\d]+){0,2})(?:\s{2,}|:\s*)(?P<value>(?:[A-Z]{3}|[€$£])?\s?\d[\d.,]*(?:\s?(?:[A-Z]{3}|[€$£]))?)"
)


def documents_as_rows(
    context: Context, question: str, passages: Sequence[Passage], *, every: bool = False
) -> Iterator[list[TableRow]]:
    """For each word of the question, or of the titles of most of these passages' documents, that several documents with labelled
    lines are called by, these; none where very many are. With `every` those without such a line too, where they are fewer."""
    names = called(context)
    asked = dict.fromkeys(
        f for word in words(question) for f in families(word) if not has_digit(f) and f not in lexicon.GENERIC
    )
    titles = {one.document: families(one.title) for one in passages}
    shared = Counter(family for title in titles.values() for family in title if not has_digit(family))
    mostly = [family for family, count in shared.items() if count > max(1, SHARE * len(titles))]
    alike = {
        family: frozenset(id for id, name in names.items() if family in name and family in families(name))
        for family in [*asked, *mostly]
    }
    if any(len(documents) > MOST for documents in alike.values()):
        return  # a part of them would be counted for all
    kinds = {documents: family for family, documents in reversed(alike.items()) if len(documents) > 1}
    for documents, family in reversed(kinds.items()):
        if len(rows := list(labelled_rows(context, sorted(documents), every))) > 1:
            kind = next((word for word in words(question) if family in families(word)), "")
            yield [row._replace(kind=kind) for row in rows]


def called(context: Context) -> dict[int, str]:
    """What each document is called, in small letters: its title; in a small corpus also the words that its first lines begin with,
    `INVOICE 2403`."""
    documents = own_documents(context.corpus, context.searcher.scope)
    names = {document.id: document.title.lower() for document in documents}
    if len(documents) <= SMALL:
        for passage in context.corpus.passages(context.corpus.openings(names)):
            lines = [line.split() for sentence in passage.sentences for line in sentence.text.splitlines()]
            names[passage.document] += " " + " ".join(line[0] for line in lines if line).lower()
    return names


def labelled_rows(context: Context, documents: list[int], bare: bool) -> Iterator[TableRow]:
    found: dict[int, list[Passage]] = {}
    for passage in context.corpus.passages(chunks_with(context.corpus, documents, "field", "row")):
        found.setdefault(passage.document, []).append(passage)
    for passages in found.values():
        told = {
            said[0].lower(): (said[1], line)
            for passage in reversed(passages)
            for line in reversed(passage.sentences)
            if (said := labelled(line))
        }
        if told:
            cells = {TITLE: passages[0].title} | {name: value for name, (value, _) in told.items()}
            yield TableRow(passages[0], {name: line for name, (_, line) in told.items()}, cells)
    others = [document for document in documents if document not in found] if bare else []
    for passage in context.corpus.passages(context.corpus.openings(others)) if len(others) < len(found) else ():
        if opening := next((line for line in passage.sentences if line.citable), None):
            yield TableRow(passage, {TITLE: opening}, {TITLE: passage.title})


def labelled(line: Sentence) -> tuple[str, str] | None:
    """The label and the value of a line that has both: of a field, or of a figure at the foot of a bill."""
    if line.kind == "field" and (value := value_of(line.text)):
        return label_of(line.text), value
    figure = FIGURE.fullmatch(line.text.strip()) if line.kind == "row" else None
    return (figure["label"], figure["value"].strip()) if figure else None
