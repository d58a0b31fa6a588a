"""What is counted, summed up, averaged or compared over rows: computed by the engine, never by a model, and only where every
word of the question is told by the rows, their columns or their file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentflow.context import Context
from agentflow.corpus.passage import Passage
from agentflow.research.passages.titled import own_documents
from agentflow.research.question.direct import direct
from agentflow.research.tables.columns import OWNED, TypedTable
from agentflow.research.tables.documents import documents_as_rows
from agentflow.research.tables.limits import at_each_time
from agentflow.research.tables.meant import rows_meant
from agentflow.research.tables.operations import OPERATIONS, RowTask
from agentflow.research.tables.request import RowRequest, request
from agentflow.research.tables.table import TableRow, rows_of
from agentflow.research.tables.versions import freshest, holding
from agentflow.text.fold import unaccented

LOOKUPS = ("list", "cell")
SMALL = 200  # documents
WITH_ROWS = (
    "SELECT DISTINCT chunks.document FROM sentences JOIN chunks ON chunks.id = chunk WHERE sentences.kind = 'row'"
)
BESIDE = re.compile(
    r",? (?:(?:the )?\w+ included|includ(?:ing|es) [^,?]+|and (?:how (?:many|much|old)|when|where|who|on which \w+)\b[^?]*)(?=[?.]*$)"
    r"|(?<=\ball) (?:two|three|four|five|six|seven|eight|nine|ten|\d+)\b",
    re.IGNORECASE,
)  # what is asked besides, in a question of its own, or only describes


@dataclass(frozen=True, slots=True)
class Computed:
    """The answer, the rows it was made from, and the columns that bear it. `told`: how much of the question they explain.
    `is_lookup`: a cell or the rows themselves are asked for."""

    text: str
    rows: list[TableRow]
    columns: list[str]
    told: int
    is_lookup: bool


def computed_answer(context: Context, question: str, passages: Sequence[Passage]) -> Computed | None:
    """Of the table that explains most of the question, for each of the times that it compares. None where nothing of the kind is
    asked for, or no table among the documents of these passages, nor the documents of a kind as rows, explains all its words."""
    asked = OWNED.sub("", unaccented(BESIDE.sub("", direct(question)).lower()))
    wanted = request(asked)
    of_kind = (
        documents_as_rows(context, asked, passages, every=wanted.operation == "count")
        if wanted.operation != "cell"
        else ()
    )
    every = [TypedTable(rows) for rows in (*tables(context, passages), *of_kind)]
    if not (times := at_each_time(asked)):
        return best(wanted, asked, every)
    found = [(time, one) for part, time in times if (one := best(wanted, part, every))]
    if len(found) < len(times) or wanted.operation in LOOKUPS:
        return None
    text = "; ".join(f"{time}: {one.text}" for time, one in found)
    return replace(found[0][1], text=text, rows=[row for _, one in found for row in one.rows])


def tables(context: Context, passages: Sequence[Passage]) -> list[list[TableRow]]:
    """The rows of the passages' documents, the best found first; what has the same columns is one table, without copies and
    versions that were replaced."""
    alike: dict[tuple[str, ...], list[TableRow]] = {}
    found = dict.fromkeys(passage.document for passage in passages)
    for document in dict.fromkeys([*found, *few_with_rows(context)]):
        for row in rows_of(context.corpus, document):
            alike.setdefault(tuple(name.lower() for name in row.cells), []).append(row)
    return [holding(rows) for rows in alike.values()]


def few_with_rows(context: Context) -> list[int]:
    """The documents with rows of a small corpus: a search finds sentences, and no row says what a table is of."""
    documents = own_documents(context.corpus, context.searcher.scope)
    if len(documents) > SMALL:
        return []
    found = {document for (document,) in context.corpus.rows(WITH_ROWS)}
    return [document.id for document in documents if document.id in found]


def best(wanted: RowRequest, asked: str, every: Sequence[TypedTable]) -> Computed | None:
    found = [result for table in every if (result := compute(wanted, asked, table))]
    return max(found, key=lambda result: (result.told, freshest(result.rows)), default=None)


def compute(wanted: RowRequest, asked: str, table: TypedTable) -> Computed | None:
    """None where a lower-case word of the question is not explained, or nothing is left to compute with."""
    kept, told = rows_meant(table, asked)
    if len(table.rows) < 2 or not kept or not told:
        return None
    if (found := OPERATIONS[wanted.operation](RowTask(wanted, asked, table, kept))) is None:
        return None
    return Computed(found.text, [table.rows[at] for at in found.rows], found.columns, told, wanted.operation in LOOKUPS)
