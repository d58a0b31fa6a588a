"""Two encoders of the same embedder side by side: passages a second, and nDCG@10 on the judged sets with the vectors of each.

    python benchmarks/embedding.py --data ../shared/data --work /tmp/embedding --out benchmarks/results/embedding.md

Speed is that of passages of the PEPs, the encoders taking turns so that both meet the same load; `--only speed` measures
nothing else, `--only NAME` the sets whose names hold NAME. Vectors are kept under --work and used again.
"""

import argparse
import asyncio
import os
import random
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from local_embedder import LocalEmbedder
from retrieval import interval, open_corpus, run, score
from sets import load_sets

from agentflow.corpus.ingest.embedding import PENDING
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.parsing.prepare import embedded_text
from agentflow.corpus.store import Corpus

ENCODERS = ("llama.cpp", "int8")
TURN = 64  # passages of one encoder, then of the other


class Speed(NamedTuple):
    """Passages a second of the clock and of CPU time, and the cosines to the first encoder's vectors."""

    clock: float
    cpu: float
    cosine: float
    least: float


async def passages(data: Path, work: Path, count: int) -> list[str]:
    corpus = Corpus.open(work / "texts" / "agentflow.db", create=True)
    await ingest(corpus, [data / "corpora" / "peps"], embedder=None)
    columns = "path, chunks.title, heading, text FROM chunks JOIN documents ON documents.id = document"
    rows = corpus.rows(f"SELECT {columns} WHERE chunks.id IN (SELECT id {PENDING})")
    corpus.close()
    return [embedded_text(*row) for row in random.Random(1).sample(rows, count)]


async def speeds(texts: list[str], threads: int) -> dict[str, Speed]:
    embedders = {name: LocalEmbedder(threads, name) for name in ENCODERS}
    spent = {name: np.zeros(2) for name in ENCODERS}
    vectors: dict[str, list[np.ndarray]] = {name: [] for name in ENCODERS}
    for at in range(-TURN, len(texts), TURN):
        for name, embedder in embedders.items():
            started = np.array([time.perf_counter(), time.process_time()])
            rows = await embedder.embed(texts[max(at, 0) : max(at, 0) + TURN])
            if at >= 0:  # the first turn only warms up
                spent[name] += np.array([time.perf_counter(), time.process_time()]) - started
                vectors[name].append(rows)
    first = np.concatenate(vectors[ENCODERS[0]])
    found = {}
    for name in ENCODERS:
        cosines = np.sum(first * np.concatenate(vectors[name]), axis=1)
        found[name] = Speed(*(len(texts) / spent[name]), float(cosines.mean()), float(cosines.min()))
    return found


def speed_lines(found: dict[str, Speed], count: int, threads: int) -> list[str]:
    lines = [
        f"{count:,} passages, {threads} threads of {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}:", "",
        "| encoder | passages/s | of one core's time | ratio | cosine, mean and least |", "|---|---|---|---|---|",
    ]  # fmt: skip
    base = found[ENCODERS[0]]
    for name, speed in found.items():
        ratios = f"{speed.clock / base.clock:.2f}, {speed.cpu / base.cpu:.2f}"
        cosines = f"{speed.cosine:.4f}, {speed.least:.4f}"
        lines.append(f"| {name} | {speed.clock:.1f} | {speed.cpu:.1f} | {ratios} | {cosines} |")
    return lines


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--count", type=int, default=1024)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args()
    lines = []
    texts = await passages(options.data, options.work, options.count)
    for threads in options.threads:
        lines += [*speed_lines(await speeds(texts, threads), len(texts), threads), ""]
    print("\n".join(lines), flush=True)
    heads = [f"{way}, {name}" for way in ("dense", "fused") for name in ENCODERS]
    lines += [
        f"| nDCG@10 | {' | '.join(heads)} | fused int8 - llama.cpp |",
        "|" + "---|" * (len(heads) + 2),
    ]
    for item in load_sets(options.data):
        if options.only not in item.name:
            continue
        values = {}
        for name in ENCODERS:
            embedder = LocalEmbedder(os.cpu_count() or 1, name)
            corpus = await open_corpus(item, options.work / name, embedder)
            found, _ = await run(item, corpus, embedder)
            values[name] = {way: score(item, found[way])["nDCG@10"] for way in ("dense", "fused")}
            corpus.close()
        cells = [np.mean(list(values[name][way].values())) for way in ("dense", "fused") for name in ENCODERS]
        difference = interval(values["int8"]["fused"], values["llama.cpp"]["fused"])
        lines.append(f"| {item.name} | {' | '.join(f'{cell:.3f}' for cell in cells)} | {difference} |")
        print("\r" + lines[-1], flush=True)
    if options.out:
        options.out.write_text(
            "# Embedding\n\nMade by `benchmarks/embedding.py`.\n\n" + "\n".join(lines) + "\n", "utf-8"
        )


if __name__ == "__main__":
    asyncio.run(main())
