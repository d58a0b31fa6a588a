"""A row of a table as text, with the names of its columns: `station: Ferry House; opened: 2019`."""

import re
from collections.abc import Sequence

from agentflow.corpus.store import Corpus
from agentflow.research.passages.shown import Candidate
from agentflow.text.names import names
from agentflow.text.words import words

RULE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)*$")  # beneath a table's head
BAR = re.compile(r"(?<!\\)\|")


def row_text(corpus: Corpus, candidate: Candidate) -> str:
    """Its cells, each behind the name of its column where the table has a head and more than two; other text as it is."""
    if candidate.sentence.kind != "row" or "|" not in candidate.text:
        return candidate.text
    told = cells(candidate.text)
    columns = head_of(corpus.text(candidate.passage.document)[: candidate.sentence.start])
    if len(told) == 2 or len(columns) != len(told):
        return ": ".join(filter(None, told))
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(columns, told, strict=True) if cell)


def is_of_another(question: str, row: str, sentences: Sequence[Candidate]) -> bool:
    """Whether a row lacks a name of the question, and another one has all of them."""
    asked = names(question) - {"i"}
    others = [other for other in sentences if other.sentence.kind == "row"]
    return bool(asked) and not asked <= set(words(row)) and any(asked <= set(words(other.cells)) for other in others)


def head_of(before: str) -> list[str]:
    """The names of the columns of a Markdown table, of the text up to one of its rows; empty where there is none."""
    lines = before.rstrip("| \t").splitlines()
    for above, line in zip(reversed(lines[:-1]), reversed(lines), strict=False):
        if "|" not in line:
            return []
        if RULE.fullmatch(line.strip()):
            return cells(above)
    return []


def is_head(text: str, end: int) -> bool:
    """Whether the line that ends there names the columns of a Markdown table: its rule is the next line."""
    begin = text.find("\n", end) + 1
    rule = text[begin : text.find("\n", begin)].strip() if begin else ""
    return "|" in rule and RULE.fullmatch(rule) is not None


def cells(line: str) -> list[str]:
    row = line.strip().removeprefix("|")
    row = row if row.endswith("\\|") else row.removesuffix("|")
    return [cell.strip() for cell in BAR.split(row)]
