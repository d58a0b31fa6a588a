"""write, answer, check and plan on unseen text: qa/dev paragraphs and the multi-hop questions."""

import random
import re
import string
from collections import Counter
from typing import Any

import numpy as np

from agentflow.research.planning import useful
from agentflow.words import content_words, coverage
from starter import corpus
from starter.evaluate.bm25 import BM25
from starter.evaluate.local import Local
from starter.split import DATA, evaluation_rows, read_rows
from starter.tasks import check as checks
from starter.tasks.claims import claim, evidence


def write(local: Local, count: int, seed: int = 2) -> dict[str, float]:
    """Four quotes of a paragraph, one of which holds the answer. `covered`: claims whose words all stand in their quotes."""
    rng = random.Random(seed)
    batch, right = [], []
    for row in rng.sample(evaluation_rows("qa/dev.jsonl"), count):
        sentences = corpus.sentences(row["context"])
        holder = [s for s in sentences if row["answers"][0]["text"] in s][:1]
        if not holder:
            continue
        items = holder + rng.sample([s for s in sentences if s not in holder], min(3, len(sentences) - 1))
        rng.shuffle(items)
        title = row["title"].replace("_", " ")
        batch.append({"question": row["question"].strip(), "evidence": evidence([(s, title) for s in items])})
        right.append(items.index(holder[0]) + 1)
    replies = [local.ask("write", values) for values in batch]
    covered: list[bool] = []
    share: list[float] = []
    named: list[bool] = []
    for values, reply, number in zip(batch, replies, right, strict=True):
        claims = reply["claims"] if reply else []
        named.append(any(number in c["evidence"] for c in claims))
        for made in claims:
            known = " ".join(
                values["evidence"][n - 1]["quote"] for n in made["evidence"] if n <= len(values["evidence"])
            )
            share.append(coverage(made["text"], known))
            covered.append(share[-1] == 1.0)
    return {
        "claims": len(covered), "claims wholly covered": float(np.mean(covered)), "words covered": float(np.mean(share)),
        "names the sentence that answers": float(np.mean(named)),
    }  # fmt: skip


def answer(local: Local, count: int, seed: int = 3) -> dict[str, float]:
    """Exact match and F1 (SQuAD v1.1) of the short answer, given the right sentence as the only claim."""
    rng = random.Random(seed)
    rows = [r for r in rng.sample(evaluation_rows("qa/dev.jsonl"), count)]
    batch, wanted = [], []
    for row in rows:
        holder = next((s for s in corpus.sentences(row["context"]) if row["answers"][0]["text"] in s), None)
        if holder:
            batch.append({"claims": [claim(holder, row["answers"][0]["text"])], "question": row["question"].strip()})
            wanted.append([a["text"] for a in row["answers"]])
    replies = [(local.ask("answer", values) or {"answer": ""})["answer"] for values in batch]
    exact = [max(plain(r) == plain(w) for w in ws) for r, ws in zip(replies, wanted, strict=True)]
    overlap = [max(f1(r, w) for w in ws) for r, ws in zip(replies, wanted, strict=True)]
    return {"n": len(batch), "exact match": float(np.mean(exact)), "F1": float(np.mean(overlap))}


def plain(text: str) -> str:
    kept = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", kept).split())


def f1(given: str, wanted: str) -> float:
    a, b = Counter(plain(given).split()), Counter(plain(wanted).split())
    same = sum((a & b).values())
    return 2 * same / (sum(a.values()) + sum(b.values())) if same else 0.0


def check(local: Local, count: int, seed: int = 4) -> dict[str, float]:
    """Claims made from qa/dev sentences by the rules of starter.tasks.check: accuracy of each verdict."""
    rng = random.Random(seed)
    pool = sorted({r["context"] for r in evaluation_rows("qa/dev.jsonl")})
    families = []
    for context in rng.sample(pool, min(count, len(pool))):
        document = corpus.Document("qa/dev", [corpus.sentences(context)])
        family = checks.family_of(document, rng)
        if family:
            families.append(family)
    examples = [example for family in families for example in family]
    replies = [local.ask("check", e.values) for e in examples]
    hits: dict[str, list[bool]] = {}
    for example, reply in zip(examples, replies, strict=True):
        hits.setdefault(example.answer.split('"')[3], []).append(
            bool(reply) and reply["support"] == example.answer.split('"')[3]
        )
    table: dict[str, float] = {f"{name} (n {len(values)})": float(np.mean(values)) for name, values in hits.items()}
    return {"all": float(np.mean([hit for values in hits.values() for hit in values])), **table}


def plan(local: Local, k: int = 10) -> dict[str, float]:
    """The multi-hop questions: words of the plan that come from the question; recall@10 of BM25 without it, and with what
    the research graph keeps of it, by reciprocal rank."""
    table: dict[str, float] = {}
    from_question: list[float] = []  # as planned, before the graph drops anything
    for name in ("hotpotqa", "musique"):
        documents = list(read_rows(DATA / "multihop" / name / "corpus.jsonl"))
        bm25 = BM25([f"{d['title']} {d['text']}" for d in documents])
        rows = evaluation_rows(f"multihop/{name}/questions.jsonl")
        replies = [local.ask("plan", {"question": r["question"]}) for r in rows]
        alone, planned, parts = [], [], []
        for row, reply in zip(rows, replies, strict=True):
            questions = reply["questions"] if reply else []
            from_question += [coverage(q, row["question"]) for q in questions if content_words(q)]
            kept = useful(row["question"], questions, small=True)
            parts.append(len(kept))
            rankings = [np.argsort(np.argsort(-np.array(bm25.scores(q)))) for q in [row["question"], *kept]]
            fused = sum(1 / (60 + r) for r in rankings)
            alone.append(recall(rankings[0], row, documents, k))
            planned.append(recall(np.argsort(np.argsort(-np.asarray(fused))), row, documents, k))
        table |= {
            f"{name} recall@{k}, question alone": float(np.mean(alone)),
            f"{name} recall@{k}, with the plan": float(np.mean(planned)),
            f"{name} further sub-questions": float(np.mean(parts)),
        }
    return {"content words from the question": float(np.mean(from_question)), **table}


def recall(ranks: Any, row: dict[str, Any], documents: list[dict[str, Any]], k: int) -> float:
    found = {documents[i]["id"] for i in np.flatnonzero(ranks < k)}
    return len(found & set(row["support"])) / len(set(row["support"]))
