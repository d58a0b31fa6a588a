"""Loader: queries with graded judgements (a folder with docs.jsonl, queries.jsonl, qrels.tsv).

A case has `question` and `relevance` (document id to grade). `removed` names a table of (query, document) pairs that
are taken out of the ranking before scoring: Cranfield's code -1 (probably the paper a question was taken from).
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from agentflow.evaluation.dataset import Case, CorpusDocument, Dataset, rows


def load(path: Path, removed: str = "") -> Dataset:
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for query, document, grade in _table(path / "qrels.tsv"):
        grades[query][document] = int(grade)
    left_out: dict[str, list[str]] = defaultdict(list)
    for query, document in _table(path / removed) if removed else ():
        left_out[query].append(document)
    cases = [
        Case(row["id"], {"question": row["text"], "relevance": grades[row["id"]], "removed": left_out[row["id"]]})
        for row in rows(path / "queries.jsonl")
        if grades[row["id"]]
    ]
    documents = [
        CorpusDocument(row["id"], row["title"], row["text"]) for row in rows(path / "docs.jsonl") if row["text"].strip()
    ]
    return Dataset(cases, documents)


def _table(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as file:
        next(file)
        for line in file:
            yield line.rstrip("\n").split("\t")
