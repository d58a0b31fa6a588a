"""Loader: questions on paragraphs, SQuAD style; the paragraphs are the corpus (SQuADShifts, Miller et al. 2020).

A case has `question`, `answers` (accepted texts), `context` (the paragraph), `title` and `support` (its document's id).
"""

from pathlib import Path

from agentflow.evaluation.dataset import Case, CorpusDocument, Dataset, rows


def load(path: Path) -> Dataset:
    cases: list[Case] = []
    documents: dict[str, CorpusDocument] = {}
    for row in rows(path):
        title = str(row["title"]).replace("_", " ")
        document = documents.setdefault(
            row["context"], CorpusDocument(f"p{len(documents):05d}", title, row["context"].strip())
        )
        fields = {
            "question": row["question"].strip(),
            "answers": list(dict.fromkeys(answer["text"] for answer in row["answers"])),
            "context": row["context"],
            "title": title,
            "support": [document.id],
        }
        cases.append(Case(str(row["id"]), fields))
    return Dataset(cases, list(documents.values()))
