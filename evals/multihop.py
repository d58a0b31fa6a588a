"""Loader: questions that need several documents (HotpotQA, Yang et al. 2018; MuSiQue, Trivedi et al. 2022).

`path` is the folder with questions.jsonl and corpus.jsonl. A case has `question`, `answers`, `support` (the ids of all
documents needed), `type`, and with HotpotQA `sentences` (the supporting ones).
"""

from pathlib import Path

from agentflow.evaluation.dataset import Case, CorpusDocument, Dataset, rows


def load(path: Path) -> Dataset:
    documents = [CorpusDocument(row["id"], row["title"], row["text"]) for row in rows(path / "corpus.jsonl")]
    cases = [
        Case(
            row["id"],
            {
                "question": row["question"],
                "answers": [row["answer"], *row.get("aliases", [])],
                "support": row["support"],
                "type": row["type"],
                "sentences": [item["text"] for item in row.get("support_sentences", [])],
            },
        )
        for row in rows(path / "questions.jsonl")
    ]
    return Dataset(cases, documents)
