"""What is counted, summed up, averaged or compared over rows: computed by the engine, never by a model, and only where every
word of the question is told by the rows, their columns or their file."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentflow.context import Context
from agentflow.corpus.passage import Passage
from agentflow.research.question.planning import direct
from agentflow.research.tables.columns import Table
from agentflow.research.tables.documents import documents_as_rows
from agentflow.research.tables.meant import rows_meant
from agentflow.research.tables.operations import OPERATIONS, Task
from agentflow.research.tables.request import Request, request
from agentflow.research.tables.table import TableRow, rows_of
from agentflow.text.fold import unaccented
from agentflow.text.opposites import denials


@dataclass(frozen=True, slots=True)
class Computed:
    """The answer, the rows it was made from, and the columns that bear it. `told`: how much of the question they explain.
    `is_list`: the rows themselves are asked for."""

    text: str
    rows: list[TableRow]
    columns: list[str]
    told: int
    is_list: bool


def computed_answer(context: Context, question: str, passages: Sequence[Passage]) -> Computed | None:
    """Of the table that explains most of the question. None where nothing of the kind is asked for, or no table among the documents
    of these passages, nor the documents of a kind as rows, explains all its words."""
    asked = direct(question)
    wanted = request(asked)
    if wanted is None or denials(asked):
        return None
    every = [*tables(context, passages), *documents_as_rows(context, asked, passages)]
    found = [result for rows in every if (result := compute(wanted, asked, Table(rows)))]
    return max(found, key=lambda result: result.told, default=None)


def tables(context: Context, passages: Sequence[Passage]) -> list[list[TableRow]]:
    """The rows of the passages' documents, the best found first; what has the same columns is one table."""
    alike: dict[tuple[str, ...], list[TableRow]] = {}
    for document in dict.fromkeys(passage.document for passage in passages):
        for row in rows_of(context.corpus, document):
            alike.setdefault(tuple(name.lower() for name in row.cells), []).append(row)
    return list(alike.values())


def compute(wanted: Request, question: str, table: Table) -> Computed | None:
    """None where a word of the question is not explained, or nothing is left to compute with."""
    asked = unaccented(question.lower())
    kept, told = rows_meant(table, asked)
    if len(table.rows) < 2 or not kept or not told:
        return None
    if (found := OPERATIONS[wanted.operation](Task(wanted, asked, table, kept))) is None:
        return None
    return Computed(found.text, [table.rows[at] for at in found.rows], found.columns, told, wanted.operation == "list")
