"""Ingest of a folder: time, passages a second, size on disk, the second run, and kill -9 with resume and verify.

    python benchmarks/ingest.py ../shared/data/corpora/peps --embedder minilm --out benchmarks/results/ingest.md

`--embedder hash` measures everything but the embedding model, with vectors of MiniLM's size.
"""

import argparse
import asyncio
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agentflow.corpus.index.embedder import Embedder
from agentflow.corpus.ingest.ingest import IngestReport, ingest
from agentflow.corpus.ingest.verify import verify
from agentflow.corpus.store import Corpus
from agentflow.testing import HashEmbedder

CHILD = "--child"


def make_embedder(name: str) -> Embedder:
    if name == "hash":
        return HashEmbedder(384)
    from local_embedder import LocalEmbedder

    return LocalEmbedder()


def run(database: Path, folder: Path, embedder: str) -> IngestReport:
    corpus = Corpus.open(database, create=True)
    try:
        return asyncio.run(ingest(corpus, [folder], embedder=make_embedder(embedder)))
    finally:
        corpus.close()


def killed(database: Path, folder: Path, embedder: str, seconds: float) -> int:
    """Starts an ingest, kills it with SIGKILL; the exit code says that it did not end by itself."""
    command = [sys.executable, __file__, str(folder), "--embedder", embedder, CHILD, str(database)]
    with subprocess.Popen(command) as child:
        time.sleep(seconds)
        os.kill(child.pid, signal.SIGKILL)
        return child.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--embedder", choices=["hash", "minilm"], default="minilm")
    parser.add_argument("--out", type=Path)
    parser.add_argument(CHILD, type=Path)
    options = parser.parse_args()
    if options.child:
        run(options.child, options.folder, options.embedder)
        return
    with tempfile.TemporaryDirectory() as work:
        first, again = Path(work) / "a" / "agentflow.db", Path(work) / "b" / "agentflow.db"
        fresh = run(first, options.folder, options.embedder)
        second = run(first, options.folder, options.embedder)
        corpus = Corpus.open(first)
        status, problems = corpus.status(), verify(corpus).problems
        database = sum(file.stat().st_size for file in first.parent.glob("agentflow.db*"))
        corpus.close()
        codes = [killed(again, options.folder, options.embedder, fresh.seconds * share) for share in (0.3, 0.5)]
        resumed = run(again, options.folder, options.embedder)
        corpus = Corpus.open(again)
        after, resumed_problems = corpus.status(), verify(corpus).problems
        corpus.close()
    rows = {
        "documents, passages, sentences": f"{status.documents:,}, {status.chunks:,}, {status.sentences:,}",
        "first ingest": f"{fresh.seconds:.1f} s, {fresh.chunks / fresh.seconds:.0f} passages/s",
        "second ingest": f"{second.seconds:.2f} s",
        "database, with vector index": f"{database / 1e6:.1f} MB, {status.bytes / 1e6:.1f} MB",
        "verify": str(problems or "clean"),
        "kill -9 twice, exit codes": ", ".join(map(str, codes)),
        "resume": f"{resumed.seconds:.1f} s, {resumed.embedded:,} left to embed, {after.chunks:,} passages",
        "verify after resume": str(resumed_problems or "clean"),
    }
    table = "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])
    heading = (
        f"`{options.folder.name}`, embedder {options.embedder}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}, "
    )
    text = f"{heading}Python {platform.python_version()}\n\n{table}\n"
    print(text)
    if options.out:
        options.out.write_text(f"# Ingest\n\nMade by `benchmarks/ingest.py`.\n\n{text}", "utf-8")


if __name__ == "__main__":
    main()
