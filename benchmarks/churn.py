"""A folder that changes at random while `agentflow watch` follows it and searches run: create, edit, twice in one second, rename,
rename back, move folders, delete, ignore; the watcher is killed (SIGKILL) in between.

    python -m benchmarks.churn --work /tmp/churn --files 5000 --seconds 600 --kills 1

At rest the corpus must equal a fresh ingest: documents, texts, passages and sentences, and no search may fail. Vectors are those
of agentflow.testing.HashEmbedder, which takes no time: what is measured is everything but the embedding model.
"""

import argparse
import asyncio
import os
from pathlib import Path

import numpy as np

from tests.corpus.keeping_up import keep_up


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="an empty folder")
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--kills", type=int, default=1)
    parser.add_argument("--patience", type=float, default=3600.0)
    options = parser.parse_args()
    kept = await keep_up(
        options.work, files=options.files, seconds=options.seconds, kills=options.kills, patience=options.patience
    )
    p50, p99 = 1000 * np.percentile(kept.took, [50, 99])
    rows = {
        "files at first, seconds, kill -9": f"{options.files:,}, {options.seconds:.0f}, {options.kills}",
        "first ingest with vectors": f"{kept.first:.0f} s",
        "changes": f"{kept.changes:,}",
        "searches, of these failed": f"{kept.searches:,}, {len(kept.failed)}",
        "a search, p50 and p99": f"{p50:.0f} ms, {p99:.0f} ms",
        "at rest equal to a fresh ingest": f"yes, {kept.rested:.0f} s after the last change, the fresh ingest included",
        "documents and passages then": f"{kept.documents:,}, {kept.passages:,}",
        "`corpus verify`": str(kept.problems or "clean"),
    }
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}\n")
    print("\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())]))
    for reason in kept.failed[:20]:
        print(reason)


if __name__ == "__main__":
    asyncio.run(main())
