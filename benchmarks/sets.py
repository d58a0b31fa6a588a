"""The retrieval sets as (documents, questions): read from the data folder, never part of the project."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class RetrievalSet:
    """`documents`: id to (title, text). `gold`: question id to {document id: grade}. `hidden`: documents that are
    taken out of a question's ranking before scoring."""

    name: str
    documents: dict[str, tuple[str, str]]
    questions: dict[str, str]
    gold: dict[str, dict[str, int]]
    files: Path | None = None
    hidden: dict[str, set[str]] = field(default_factory=dict)


def rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def cranfield(data: Path) -> RetrievalSet:
    """Protocol A: the document of the unexplained code -1 is taken out of the ranking."""
    folder = data / "retrieval" / "cranfield"
    documents = {row["id"]: (row["title"], row["text"]) for row in rows(folder / "docs.jsonl") if row["text"].strip()}
    questions = {row["id"]: row["text"] for row in rows(folder / "queries.jsonl")}
    gold: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        gold.setdefault(query, {})[document] = int(grade)
    hidden: dict[str, set[str]] = {}
    for line in (folder / "qrels_code_minus1.tsv").read_text("utf-8").splitlines()[1:]:
        query, document = line.split("\t")
        hidden.setdefault(query, set()).add(document)
    return RetrievalSet("cranfield", documents, questions, gold, hidden=hidden)


def multihop(data: Path, name: str) -> RetrievalSet:
    folder = data / "multihop" / name
    documents = {row["id"]: (row["title"], row["text"]) for row in rows(folder / "corpus.jsonl")}
    found = rows(folder / "questions.jsonl")
    gold = {row["id"]: dict.fromkeys(row["support"], 1) for row in found}
    return RetrievalSet(name, documents, {row["id"]: row["question"] for row in found}, gold)


def paragraphs(data: Path) -> RetrievalSet:
    found = rows(data / "qa" / "dev.jsonl")
    ids = {text: f"p{number}" for number, text in enumerate(dict.fromkeys(row["context"] for row in found))}
    titles = {row["context"]: row["title"] for row in found}
    documents = {id: (titles[text], text) for text, id in ids.items()}
    gold = {row["id"]: {ids[row["context"]]: 1} for row in found}
    return RetrievalSet("qa dev", documents, {row["id"]: row["question"] for row in found}, gold)


def peps(data: Path) -> RetrievalSet:
    """The answerable questions; whole files are ingested."""
    found = [row for row in rows(data / "peps_questions" / "public.jsonl") if row["answerable"]]
    gold = {row["id"]: {f"{row['doc']}.rst": 1} for row in found}
    questions = {row["id"]: row["question"] for row in found}
    return RetrievalSet("peps", {}, questions, gold, files=data / "corpora" / "peps")


def load_sets(data: Path) -> list[RetrievalSet]:
    return [cranfield(data), multihop(data, "hotpotqa"), multihop(data, "musique"), paragraphs(data), peps(data)]
