"""What a table tells: the cell where the row and the column meet that a question names, or the rows with what it names."""

import re
from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.passage import Passage
from agentflow.research.passages.shown import Candidate
from agentflow.research.passages.steps import with_steps
from agentflow.research.question.direct import direct
from agentflow.research.question.planning import MEASURE
from agentflow.research.tables.table import TableRow, has_rows, rows_of
from agentflow.text.names import identifying
from agentflow.text.numbers import numbers
from agentflow.text.opposites import denials
from agentflow.text.plurals import PLURAL
from agentflow.text.words import content_words, families, words

SEVERAL = re.compile(rf"(?:which|what) {PLURAL}|list\b|welche \w+", re.IGNORECASE)
BARE = re.compile(r"[\d.,]+")  # a number, which says nothing without the name of its column
TOLD = 20  # rows of one answer
COLUMN = 0.5  # of a column's name, that the question has
ASKED = 0.6  # of the question, by the row, its columns and its document


def table_answer(context: Context, question: str, passages: Sequence[Passage]) -> tuple[str, Candidate] | None:
    """The text and the quote; None where no table among the documents of these passages tells."""
    asked = direct(question)
    if denials(asked):
        return None
    for passage in {passage.document: passage for passage in reversed(passages) if has_rows(passage)}.values():
        rows = list(rows_of(context.corpus, passage.document))
        found = several(context, asked, passage, rows) if SEVERAL.match(asked) else cell(asked, passage, rows)
        if found:
            return found
    return None


def cell(question: str, passage: Passage, rows: Sequence[TableRow]) -> tuple[str, Candidate] | None:
    """Of the one row that has every name and number of the question which the table has."""
    if not rows:
        return None
    wanted = families(MEASURE.sub("", question))
    told = set(words(" ".join(text for row in rows for text in row.cells.values())))
    names = identifying(question) | (set(words(question)) & told)
    held = [row for row in rows if named_by(names, row)]
    if len(held) != 1 or not any(named_whole(text, question) for text in held[0].cells.values()):
        return None
    open_cells = [name for name, text in held[0].cells.items() if families(name) and not named_whole(text, question)]
    shares = {name: len(families(name) & wanted) / len(families(name)) for name in open_cells}
    best = max(shares, key=lambda name: shares[name], default="")
    if not best or shares[best] < COLUMN or sum(share >= shares[best] for share in shares.values()) > 1:
        return None
    row, value = held[0], held[0].cells[best]
    known = families(f"{passage.path} {passage.source} {' '.join(row.cells)} {row.told}")
    if not value or len(wanted & known) < ASKED * len(wanted):
        return None
    return f"{value} ({best})" if BARE.fullmatch(value) else value, Candidate(passage, row.sentence)


def several(
    context: Context, question: str, passage: Passage, rows: Sequence[TableRow]
) -> tuple[str, Candidate] | None:
    """The rows that have in one column what the question names for it: `box 7`, or `open` of issues."""
    about = families(f"{passage.path} {passage.title}")
    held = []
    for row in rows:
        for name, value in row.cells.items():
            pair = families(name) and families(name) <= families(question) and numbers(value)
            thing = value.isalpha() and len(value) > 3 and families(question) & about
            if value and named_whole(value, question) and (pair or thing):
                held.append(row)
                break
    if not 0 < len(held) <= TOLD or len(held) == len(rows):
        return None
    text = "\n".join(f"- {row.told}" for row in held) if len(held) > 1 else held[0].told
    return text, with_steps(context, Candidate(passage, held[0].sentence), [row.sentence for row in held[1:]])


def named_by(names: set[str], row: TableRow) -> bool:
    """Whether the row or its columns have all these names and numbers."""
    text = " ".join([*row.cells, *row.cells.values()])
    return names <= set(words(text)) | numbers(text)


def named_whole(value: str, question: str) -> bool:
    wanted = content_words(value)
    return bool(wanted) and set(wanted) <= set(content_words(question))
