"""`python -m starter.fit_reading [--count N]`: the weights of agentflow/research/relevance.py, and what each part gives.

Fitted on questions of qa/train among foreign sentences and on made records; tested on qa/dev and on other records.
"""

import argparse
import random
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from agentflow.research.relevance import Read, features
from starter import corpus
from starter.config import WEIGHTS
from starter.evaluate import reading
from starter.evaluate.local import Embedder, Local
from starter.example import Family
from starter.split import training_rows
from starter.tasks import judge

Case = tuple[str, list[tuple[str, str]], set[int]]  # question, (source, sentence) each, the right ones
Rows = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]  # features, labels, case numbers
PARTS = {
    "judge": [0], "words": [1, 2], "similarity": [3], "without vectors": [0, 1, 2], "without the judge": [1, 2, 3], "all": [0, 1, 2, 3],
}  # fmt: skip


def questions(count: int, seed: int) -> list[Case]:
    """Questions of qa/train: the sentences of their paragraph and four foreign ones."""
    rng = random.Random(seed)
    rows = list(islice(training_rows("qa/train.jsonl"), 0, None, 37))
    rng.shuffle(rows)
    foreign = [sentence for row in rows[:300] for sentence in corpus.sentences(row["context"])]
    made: list[Case] = []
    for row in rows:
        own = [*corpus.sentences(row["context"]), *rng.sample(foreign, 4)]
        right = {i for i, s in enumerate(own) if any(a["text"] in s for a in row["answers"])}
        if 0 < len(right) < len(own):
            made.append((row["question"].strip(), [(row["title"].replace("_", " "), s) for s in own], right))
    return made[:count]


def records(maker: Callable[[random.Random], Family], count: int, seed: int) -> list[Case]:
    rng = random.Random(seed)
    families = [maker(rng) for _ in range(count)]
    return [
        (f[0].values["question"], [(e.values["source"], e.values["sentence"]) for e in f],
         {i for i, e in enumerate(f) if e.answer == "yes"})
        for f in families
    ]  # fmt: skip


def held_out(count: int, mixed: bool) -> list[Case]:
    return [(c.question, [(c.title, s) for s in c.sentences], c.right) for c in reading.cases(count, mixed=mixed)]


def rows_of(local: Local, embedder: Embedder, cases: list[Case]) -> Rows:
    values, labels, numbers = [], [], []
    for number, (question, pairs, right) in enumerate(cases):
        near = embedder.similarity(question, [sentence for _, sentence in pairs])
        read = [
            Read(sentence, source, local.relevance(question, source, sentence), cosine)
            for (source, sentence), cosine in zip(pairs, near, strict=True)
        ]
        values += features(question, read)
        labels += [i in right for i in range(len(read))]
        numbers += [number] * len(read)
    return np.array(values), np.array(labels, float), np.array(numbers)


def fit(values: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logistic regression by Newton's method, the bias last."""
    design = np.c_[values, np.ones(len(values))]
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ weights))
        hessian = design.T @ (design * (p * (1 - p))[:, None]) + 1e-2 * np.eye(len(weights))
        weights += np.linalg.solve(hessian, design.T @ (labels - p))
    return weights


def top1(score: NDArray[np.float64], labels: NDArray[np.float64], numbers: NDArray[np.int64]) -> float:
    cases = [(labels[numbers == n], score[numbers == n]) for n in np.unique(numbers)]
    return float(np.mean([right[np.argmax(s)] for right, s in cases if right.any()]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--weights", type=Path, default=WEIGHTS / "starter.gguf")
    count = parser.parse_args().count
    local, embedder = Local(parser.parse_args().weights), Embedder(2)
    train = [questions(count, 3), records(judge.fields, count // 2, 11), records(judge.told, count // 2, 12)]
    values, labels, _ = rows_of(local, embedder, [case for cases in train for case in cases])
    tests: dict[str, Any] = {
        "qa/dev, paragraph": held_out(count, mixed=False), "qa/dev, 8 mixed": held_out(count, mixed=True),
        "records": records(judge.fields, count // 2, 21), "records in prose": records(judge.told, count // 2, 22),
    }  # fmt: skip
    measured = {name: rows_of(local, embedder, cases) for name, cases in tests.items()}
    table = Table("top-1 accuracy", *tests, "weights, bias last")
    for part, columns in PARTS.items():
        weights = fit(values[:, columns], labels)
        scores = [top1(np.c_[v[:, columns], np.ones(len(v))] @ weights, y, n) for v, y, n in measured.values()]
        table.add_row(part, *(f"{score:.3f}" for score in scores), " ".join(f"{w:.2f}" for w in weights))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
