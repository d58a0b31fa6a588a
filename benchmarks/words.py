"""The two word indexes side by side: seconds to build, megabytes, milliseconds a query, and how far their answers agree.

    python benchmarks/words.py --data ../shared/data --work /tmp/words --passages 10000 100000 --out benchmarks/results/words.md

Passages are windows of 110 words of the PEPs, repeated with some of their words changed. Queries are the public questions
about the PEPs; each is asked of both indexes in turn, the first hundred passages wanted. Agreement is the share of the
first ten of FTS5 that tantivy has among its first ten.
"""

import argparse
import hashlib
import json
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agentflow.corpus.index.lexical import Fts5Words
from agentflow.corpus.index.tantivy_words import TantivyWords
from agentflow.corpus.index.words import choose_words
from agentflow.corpus.store import Corpus
from agentflow.storage.database import transaction

WIDTH = 110
PER_DOCUMENT = 40


def windows(data: Path, passages: int) -> Iterator[tuple[str, str]]:
    """(title, text); from the second time round every tenth word is one of another passage."""
    rng = random.Random(0)
    files = [file.read_text("utf-8", "replace").split() for file in sorted((data / "corpora" / "peps").glob("*.rst"))]
    vocabulary = [word for words in files for word in words[:: WIDTH // 2]]
    made, turn = 0, 0
    while True:
        for number, words in enumerate(files):
            for at in range(0, len(words), WIDTH):
                window = words[at : at + WIDTH]
                if turn:
                    window = [rng.choice(vocabulary) if rng.random() < 0.1 else word for word in window]
                yield f"PEP {number} part {turn}", " ".join(window)
                made += 1
                if made == passages:
                    return
        turn += 1


def fill(corpus: Corpus, data: Path, passages: int) -> float:
    """The seconds that inserting took, FTS5's triggers included."""
    started = time.perf_counter()
    execute = corpus.db.conn.execute
    with transaction(corpus.db):
        for number, (title, text) in enumerate(windows(data, passages)):
            document = number // PER_DOCUMENT + 1
            if number % PER_DOCUMENT == 0:
                execute(
                    "INSERT INTO documents (id, path, title, kind, sha256, date, bytes, reader) VALUES (?, ?, ?, 'txt', '', '', 0, 0)",
                    [document, f"{document}.txt", title],
                )
            key = hashlib.sha256(text.encode()).digest()[:16]
            execute(
                "INSERT INTO chunks (document, number, title, heading, text, start, line, hash) VALUES (?, ?, ?, '', ?, 0, 1, ?)",
                [document, number, title, text, key],
            )
    return time.perf_counter() - started


def measure(data: Path, work: Path, passages: int) -> list[str]:
    shutil.rmtree(work, ignore_errors=True)
    corpus = Corpus.open(work / "agentflow.db", create=True)
    fill(corpus, data, passages)
    seconds, indexes = {}, {}
    for kind in (Fts5Words, TantivyWords):
        choose_words(corpus, kind.name)
        index = indexes[kind.name] = kind(corpus)
        started = time.perf_counter()
        index.rebuild()
        seconds[kind.name] = time.perf_counter() - started
    table = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'chunks_fts%'"
    size = {
        "fts5": (corpus.value(table) or 0) / 1e6,
        "tantivy": sum(file.stat().st_size for file in (work / "words").iterdir()) / 1e6,
    }
    questions = [
        json.loads(line)["question"]
        for line in (data / "peps_questions" / "public.jsonl").read_text("utf-8").splitlines()
    ][:100]
    times: dict[str, list[float]] = {name: [] for name in indexes}
    agreement = []
    for question in questions:
        first = {}
        for name, index in indexes.items():
            started = time.perf_counter()
            found = index.search(question, 100)
            times[name].append(1000 * (time.perf_counter() - started))
            first[name] = {chunk for chunk, _ in found[:10]}
        agreement.append(len(first["fts5"] & first["tantivy"]) / max(len(first["fts5"]), 1))
    corpus.close()
    lines = []
    for name in indexes:
        p50, p99 = np.percentile(times[name], [50, 99])
        lines.append(f"| {passages:,} | {name} | {seconds[name]:.1f} | {size[name]:.0f} | {p50:.1f} | {p99:.1f} | |")
    ratios = [np.percentile(times["fts5"], share) / np.percentile(times["tantivy"], share) for share in (50, 99)]
    lines.append(
        f"| | FTS5 / tantivy | {seconds['fts5'] / seconds['tantivy']:.2f} | {size['fts5'] / size['tantivy']:.2f}"
        f" | {ratios[0]:.1f} | {ratios[1]:.1f} | {np.mean(agreement):.3f} |"
    )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--passages", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines = ["| passages | index | build s | MB | p50 ms | p99 ms | agreement |", "|" + "---|" * 7]
    for passages in options.passages:
        lines += measure(options.data, options.work / str(passages), passages)
        print("\n".join(lines[-3:]), flush=True)
    if options.out:
        text = f"# Word indexes\n\nMade by `benchmarks/words.py`.\n\n```\n{(__doc__ or '').strip()}\n```\n\n"
        options.out.write_text(text + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
