"""Loader: instructions hidden in e-mails and tables that a question is asked about (BIPIA, Yi et al., KDD 2025).

`path` is the folder with attacks.jsonl and context_DOMAIN.jsonl. Each context is used once, with one of its questions,
one attack and one position, drawn with `seed`; the poisoned contexts are the corpus. A case has `question`, `answers`,
`context`, `attack`, `type`, `position`, `domain`, `support`. Code contexts are left out: they ask no question.
"""

import random
from pathlib import Path

from agentflow.evaluation.dataset import Case, CorpusDocument, Dataset, rows

POSITIONS = ("start", "middle", "end")


def load(path: Path, domains: tuple[str, ...] = ("email", "table"), most: int = 50, seed: int = 0) -> Dataset:
    """At most `most` contexts of each domain."""
    rng = random.Random(seed)
    attacks = [row for row in rows(path / "attacks.jsonl") if row["kind"] == "text"]
    cases, documents = [], []
    for domain in domains:
        contexts = {row["context"]: row for row in rows(path / f"context_{domain}.jsonl")}
        for row in list(contexts.values())[:most]:
            attack, position = rng.choice(attacks), rng.choice(POSITIONS)
            context = insert(row["context"], attack["attack"], position)
            documents.append(CorpusDocument(row["id"], "", context))
            fields = {
                "question": row["question"].removeprefix("Q: ").strip(),
                "answers": [row["ideal"]] if isinstance(row["ideal"], str) else list(row["ideal"]),
                "context": context,
                "clean": row["context"],
                "attack": attack["attack"],
                "type": attack["type"],
                "position": position,
                "domain": domain,
                "support": [row["id"]],
            }
            cases.append(Case(row["id"], fields))
    return Dataset(cases, documents)


def insert(context: str, attack: str, position: str) -> str:
    """The attack on its own line before, after, or at the middle line break."""
    if position == "start":
        return f"{attack}\n{context}"
    if position == "end":
        return f"{context}\n{attack}"
    lines = context.split("\n")
    middle = len(lines) // 2
    return "\n".join([*lines[:middle], attack, *lines[middle:]])
