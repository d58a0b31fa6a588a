"""Loader: cases that bring their own text: each case's `context` becomes its document."""

from pathlib import Path

from agentflow.evaluation.dataset import CorpusDocument, Dataset, read_cases


def load(path: Path) -> Dataset:
    cases = read_cases(path)
    return Dataset(cases, [CorpusDocument(case.id, "", case["context"]) for case in cases])
