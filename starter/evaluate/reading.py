"""read: does the judge choose the sentence that holds the answer? qa/dev, beside BM25 and MiniLM on the same sentences."""

import random
from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

from agentflow.research.relevance import Read, relevance
from starter import corpus
from starter.evaluate.bm25 import BM25
from starter.evaluate.local import Embedder, Local
from starter.split import evaluation_rows


class Case(NamedTuple):
    question: str
    title: str
    sentences: list[str]
    right: set[int]


def cases(count: int, mixed: bool, seed: int = 1) -> list[Case]:
    """`mixed`: 8 sentences, those of the paragraph first, then others of the article; else the paragraph's, 2 or more."""
    rng = random.Random(seed)
    rows = evaluation_rows("qa/dev.jsonl")
    articles: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        articles[row["title"]].update(corpus.sentences(row["context"]))
    rng.shuffle(rows)
    found: list[Case] = []
    for row in rows:
        texts = {a["text"] for a in row["answers"]}
        own = corpus.sentences(row["context"])
        if mixed:
            holders = [s for s in own if any(t in s for t in texts)][:1]
            rest = [s for s in own if not any(t in s for t in texts)]
            foreign = sorted(s for s in articles[row["title"]] if s not in own and not any(t in s for t in texts))
            own = (holders + rng.sample(rest, min(4, len(rest))))[:5]
            own += rng.sample(foreign, min(8 - len(own), len(foreign)))
            rng.shuffle(own)
        right = {i for i, s in enumerate(own) if any(t in s for t in texts)}
        if right and len(right) < len(own):
            found.append(Case(row["question"].strip(), row["title"].replace("_", " "), own, right))
        if len(found) == count:
            break
    return found


def ranked(values: Any) -> Any:
    """Ranks from 0, the highest value first."""
    return np.argsort(np.argsort(-np.asarray(values)))


def top1(local: Local, embedder: Embedder, chosen: list[Case]) -> dict[str, float]:
    """Share of cases whose first sentence holds the answer, by judge, BM25, MiniLM and fusions by reciprocal rank."""
    pool = sorted({s for case in chosen for s in case.sentences})
    place = {s: i for i, s in enumerate(pool)}
    bm25 = BM25(pool)
    vectors = embedder.embed(pool)
    asked = embedder.embed([case.question for case in chosen])
    flat = [local.relevance(case.question, case.title, s) for case in chosen for s in case.sentences]
    hits: dict[str, list[bool]] = defaultdict(list)
    yes: list[float] = []
    no: list[float] = []
    at = 0
    for case, vector in zip(chosen, asked, strict=True):
        among = [place[s] for s in case.sentences]
        judge = flat[at : at + len(among)]
        at += len(among)
        words, dense = bm25.scores(case.question, among), vectors[among] @ vector
        rules = {"judge": np.asarray(judge), "BM25": np.asarray(words), "MiniLM": dense}
        r = {name: 1 / (10 + ranked(value)) for name, value in rules.items()}
        rules["BM25 + MiniLM"] = r["BM25"] + r["MiniLM"]
        read = [Read(s, case.title, p, d) for s, p, d in zip(case.sentences, judge, dense.tolist(), strict=True)]
        rules["read node: judge, words, MiniLM"] = np.asarray(relevance(case.question, read))
        alone = [item._replace(similarity=None) for item in read]
        rules["read node without vectors"] = np.asarray(relevance(case.question, alone))
        for name, value in rules.items():
            hits[name].append(int(np.argmax(value)) in case.right)
        yes += [p for i, p in enumerate(judge) if i in case.right]
        no += [p for i, p in enumerate(judge) if i not in case.right]
    table = {name: float(np.mean(values)) for name, values in hits.items()}
    table["sentences per question"] = len(flat) / len(chosen)
    table["AUC of the judge"] = auc(yes, no)
    table["yes said to a right sentence"] = float(np.mean(np.array(yes) >= 0.5))
    table["yes said to a wrong sentence"] = float(np.mean(np.array(no) >= 0.5))
    return table


def auc(positive: list[float], negative: list[float]) -> float:
    order = np.argsort(np.argsort(np.array([*positive, *negative])))
    n = len(positive)
    return float((order[:n].sum() - n * (n - 1) / 2) / (n * len(negative)))
