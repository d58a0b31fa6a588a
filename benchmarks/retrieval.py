"""BM25 alone, dense alone, both by reciprocal rank and fused as `agentflow search` does, on judged sets: nDCG@10, recall@10, recall@100 and MRR@10 by ir-measures.

    python benchmarks/retrieval.py --data ../shared/data --work /tmp/retrieval --out benchmarks/results/retrieval.md

A document's rank is that of its best passage. Corpora and vectors are kept under --work and used again. The interval is
the 95 % bootstrap interval of the paired difference fused - BM25. Milliseconds are those of the search without the
embedding of the question.
"""

import argparse
import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG
from local_embedder import KnownEmbedder, LocalEmbedder
from sets import RetrievalSet, load_sets

from agentflow.corpus.ingest.embedding import embed_pending
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.ingest.write import store_document
from agentflow.corpus.parsing.prepare import prepare
from agentflow.corpus.readers import txt
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.events import Event, Progress

MEASURES = [nDCG @ 10, R @ 10, R @ 100, RR @ 10]
DEPTH = 100
Ranking = list[tuple[int, float]]


def report(event: Event) -> None:
    if isinstance(event, Progress) and event.task == "embeddings":
        print(f"\r{event.done:.0f}/{event.total:.0f} {event.unit}   ", end="", flush=True)


async def open_corpus(item: RetrievalSet, work: Path, embedder: LocalEmbedder) -> Corpus:
    corpus = Corpus.open(work / item.name.replace(" ", "-") / "agentflow.db", create=True)
    if item.files is not None:
        await ingest(corpus, [item.files], embedder=embedder, sink=report)
        return corpus
    known = {document.path for document in corpus.documents()}
    for id, (title, text) in item.documents.items():
        if id in known:
            continue
        extract = txt.read(text)
        extract.title, extract.fields = title, {}
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        store_document(corpus, id, "txt", sha256, len(text), prepare(extract, Path(id), 0.0))
    await embed_pending(corpus, embedder, report)
    return corpus


def reciprocal_rank(*rankings: Ranking, k: int = 60) -> Ranking:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009), for rankings whose scores mean nothing."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, (item, _) in enumerate(ranking, 1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def by_document(corpus: Corpus, ranking: Ranking, hidden: set[str]) -> list[str]:
    """Names of the documents in the order of their best passage."""
    marks = ", ".join("?" * len(ranking))
    names = dict(
        corpus.rows(
            f"SELECT chunks.id, path FROM chunks JOIN documents ON documents.id = document WHERE chunks.id IN ({marks})",
            [chunk for chunk, _ in ranking],
        )
    )
    found = dict.fromkeys(Path(names[chunk]).name for chunk, _ in ranking)
    return [name for name in found if name not in hidden]


async def run(
    item: RetrievalSet, corpus: Corpus, embedder: LocalEmbedder
) -> tuple[dict[str, dict[str, list[str]]], float]:
    questions = list(item.questions.values())
    searcher = HybridSearcher(corpus, KnownEmbedder(embedder, questions, await embedder.embed_queries(questions)))

    async def lexical(query: str) -> Ranking:
        return searcher.lexical(query, 3 * DEPTH)

    async def dense(query: str) -> Ranking:
        return await searcher.dense(query, 3 * DEPTH)

    async def ranks(query: str) -> Ranking:
        return reciprocal_rank(searcher.lexical(query, DEPTH), await searcher.dense(query, DEPTH))

    ways: dict[str, Callable[[str], Awaitable[Ranking]]] = {
        "BM25": lexical, "dense": dense, "reciprocal rank": ranks, "fused": searcher.rank,
    }  # fmt: skip
    found: dict[str, dict[str, list[str]]] = {}
    seconds = 0.0
    for way, rank in ways.items():
        found[way] = {}
        started = time.perf_counter()
        for id, question in item.questions.items():
            found[way][id] = by_document(corpus, await rank(question), item.hidden.get(id, set()))
        seconds = time.perf_counter() - started
    return found, 1000 * seconds / len(item.questions)


def score(item: RetrievalSet, runs: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    """Measure to question to value."""
    qrels = [ir_measures.Qrel(q, d, grade) for q, documents in item.gold.items() for d, grade in documents.items()]
    scored = [ir_measures.ScoredDoc(q, d, -float(rank)) for q, names in runs.items() for rank, d in enumerate(names)]
    values: dict[str, dict[str, float]] = {str(measure): {} for measure in MEASURES}
    for metric in ir_measures.iter_calc(MEASURES, qrels, scored):
        values[str(metric.measure)][metric.query_id] = metric.value
    return values


def interval(first: dict[str, float], second: dict[str, float]) -> str:
    difference = np.array([first.get(id, 0.0) - second.get(id, 0.0) for id in first])
    draws = np.random.default_rng(0).choice(difference, (4000, len(difference))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return f"{difference.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--embedder", default="minilm", help="a model of models.yaml; use another --work for each")
    options = parser.parse_args()
    embedder = LocalEmbedder(name=options.embedder)
    heads = [str(measure) for measure in MEASURES]
    lines = [
        f"| set | way | {' | '.join(heads)} | nDCG@10 fused - BM25 | ms a query |",
        "|" + "---|" * (len(heads) + 4),
    ]
    for item in load_sets(options.data):
        if options.only and options.only not in item.name:
            continue
        corpus = await open_corpus(item, options.work, embedder)
        found, milliseconds = await run(item, corpus, embedder)
        values = {way: score(item, runs) for way, runs in found.items()}
        status = corpus.status()
        for way, value in values.items():
            figures = " | ".join(f"{np.mean(list(value[head].values())):.3f}" for head in heads)
            extra = interval(value["nDCG@10"], values["BM25"]["nDCG@10"]) if way == "fused" else ""
            name = (
                f"{item.name} ({status.documents:,} documents, {len(item.questions):,} questions)"
                if way == "BM25"
                else ""
            )
            lines.append(f"| {name} | {way} | {figures} | {extra} | {milliseconds if way == 'fused' else 0:.0f} |")
            print("\r" + lines[-1], flush=True)
        corpus.close()
    if options.out:
        text = f"# Retrieval\n\nMade by `benchmarks/retrieval.py`.\n\n```\n{(__doc__ or '').strip()}\n```\n\n"
        options.out.write_text(text + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
