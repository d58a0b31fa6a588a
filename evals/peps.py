"""Loader: exact questions on Python Enhancement Proposals, some of which the documents do not answer.

`path` is the questions' JSONL; the corpus is the folder of PEPs. A case has `question`, `answers`, `accept` (for each
required item the forms that count), `answerable`, `field`, `support` (the document) and `gold_lines` (first, last).
"""

from pathlib import Path

from agentflow.errors import ConfigError
from agentflow.evaluation.dataset import Case, Dataset, rows


def load(path: Path, corpus: str = "../corpora/peps", unanswerable_share: bool = False) -> Dataset:
    """`unanswerable_share`: only as many answerable questions as there are unanswerable ones."""
    folder = (path.parent / corpus).resolve()
    if not folder.is_dir():
        raise ConfigError(f"{path}:1:1: its corpus is missing: {folder}", "see `agentflow eval data`")
    cases = [_case(row) for row in rows(path)]
    if unanswerable_share:
        without = [case for case in cases if not case["answerable"]]
        having = [case for case in cases if case["answerable"]]
        cases = without + having[:: max(1, len(having) // max(1, len(without)))][: len(without)]
    return Dataset(cases, folder)


def _case(row: dict[str, object]) -> Case:
    fields = {
        "question": row["question"],
        "answers": [row["answer"]] if row["answer"] else [],
        "accept": row["accept"],
        "answerable": row["answerable"],
        "kind": "answerable" if row["answerable"] else "unanswerable",
        "field": row["field"],
        "support": [row["doc"]] if row["answerable"] else [],
        "gold_lines": [row["gold_line"], row["gold_line_end"]],
    }
    return Case(str(row["id"]), fields)
