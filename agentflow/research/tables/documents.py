"""Documents of a kind as rows, `the invoices`: the labels of their lines are the columns."""

from collections import Counter
from collections.abc import Iterator, Sequence

from agentflow.context import Context
from agentflow.corpus.passage import Passage
from agentflow.research.forms.labelled import label_of, value_of
from agentflow.research.passages.titled import own_documents
from agentflow.research.tables import lexicon
from agentflow.research.tables.table import TableRow
from agentflow.text.words import families, has_digit, words

TITLE = "document"
MOST = 400  # documents of a kind
FIELDS = "SELECT DISTINCT chunks.id FROM sentences JOIN chunks ON chunks.id = chunk WHERE sentences.kind = 'field' AND chunks.document IN ({}) ORDER BY chunks.id"


def documents_as_rows(context: Context, question: str, passages: Sequence[Passage]) -> Iterator[list[TableRow]]:
    """For each word of the question, or of the titles of several of these passages' documents, that stands in the titles of
    several documents with labelled lines, these."""
    documents = own_documents(context.corpus, context.searcher.scope)
    titles = {document.id: families(document.title) for document in documents}
    found = {passage.document: families(passage.title) for passage in passages}
    shared = Counter(family for title in found.values() for family in title)
    kinds = [
        *(family for word in words(question) for family in families(word)),
        *(f for f, n in shared.items() if n > 1),
    ]
    seen = set[frozenset[int]]()
    for family in dict.fromkeys(kinds):
        alike = frozenset(id for id, title in titles.items() if family in title)
        if family in lexicon.GENERIC or has_digit(family) or alike in seen or not 1 < len(alike) <= MOST:
            continue
        seen.add(alike)
        if len(rows := list(labelled_rows(context, sorted(alike)))) > 1:
            yield rows


def labelled_rows(context: Context, documents: list[int]) -> Iterator[TableRow]:
    marks = ", ".join("?" * len(documents))
    chunks = [chunk for (chunk,) in context.corpus.rows(FIELDS.format(marks), documents)]
    first: dict[int, list[Passage]] = {}
    for passage in context.corpus.passages(chunks):
        first.setdefault(passage.document, []).append(passage)
    for passages in first.values():
        fields = [line for passage in passages for line in passage.sentences if line.kind == "field"]
        lines = {label_of(line.text).lower(): line for line in reversed(fields) if value_of(line.text)}
        if lines:
            cells = {TITLE: passages[0].title} | {name: value_of(line.text) for name, line in lines.items()}
            yield TableRow(passages[0], lines, cells)
