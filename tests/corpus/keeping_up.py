"""A folder that changes at random while another process watches it, is killed, and searches go on here."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.ingest.verify import verify
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.testing import HashEmbedder
from tests.corpus.churn import STEADY, churn, fill, image

WATCHER = """
import asyncio, sys
from pathlib import Path
from agentflow.corpus.store import Corpus
from agentflow.corpus.ingest.watch import Watch
from agentflow.testing import HashEmbedder
corpus = Corpus.open(Path(sys.argv[1]), create=True)
asyncio.run(Watch(corpus, [Path(sys.argv[2])], embedder=HashEmbedder(), sink=lambda event: print(event, flush=True)).run())
"""


@dataclass
class Kept:
    """`failed`: what was wrong with a search, each. `problems` are those of `corpus verify`. Times in seconds."""

    changes: int = 0
    failed: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)  # of each search
    documents: int = 0
    passages: int = 0
    first: float = 0.0  # until the first ingest was done
    rested: float = 0.0  # from the last change until all was in order
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def searches(self) -> int:
        return len(self.took)


async def until(holds: Callable[[], bool], patience: float = 120.0, pause: float = 0.05) -> None:
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "it never came to this"
        await asyncio.sleep(pause)


async def keep_up(work: Path, *, files: int, seconds: float, kills: int, patience: float) -> Kept:
    """Changes at random for so many seconds, with the watcher killed (SIGKILL) so many times in between. Raises AssertionError
    when the corpus does not come to equal a fresh ingest within `patience` seconds."""
    kept = Kept()
    rng, folder, database = random.Random(files), work / "docs", work / ".agentflow" / "agentflow.db"
    fill(folder, rng, files)
    corpus = Corpus.open(database, create=True)
    started = time.monotonic()
    pause = 0.05 if files < 1000 else 2.0  # to compare 5,000 documents takes a second
    watcher = start(database, folder)
    try:
        rooted = f"docs/{STEADY}"
        await until(lambda: any(one.path == rooted for one in corpus.documents()), patience, pause)
        if files >= 1000:
            await until(lambda: corpus.waiting() == 0, patience, pause)
        kept.first = time.monotonic() - started
        async with searching(corpus, kept):
            for part in range(kills + 1):
                kept.changes += await churn(folder, rng, seconds / (kills + 1))
                assert watcher.poll() is None, "the watcher ended by itself"
                if part < kills:
                    watcher.kill()
                    watcher.wait()
                    watcher = start(database, folder)
            ended = time.monotonic()
            fresh = Corpus.open(work / "fresh.db", create=True)  # the same base, so the same paths
            await ingest(fresh, [folder], embedder=None)
            expected = image(fresh)
            fresh.close()
            await until(lambda: corpus.waiting() == 0 and image(corpus) == expected, patience, pause)
            await until(lambda: not verify(corpus).problems, patience, pause)  # vectors go after their passages
            kept.rested = time.monotonic() - ended
    finally:
        watcher.kill()
        watcher.wait()
    status = corpus.status()
    kept.documents, kept.passages, kept.problems = status.documents, status.chunks, verify(corpus).problems
    corpus.close()
    return kept


def start(database: Path, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WATCHER, str(database), str(folder)], stdout=subprocess.DEVNULL)


@asynccontextmanager
async def searching(corpus: Corpus, kept: Kept) -> AsyncIterator[None]:
    """Searches again and again: the file that is always there is found once, and no passage is half of one. What a search
    raises is raised at the end."""

    async def search() -> None:
        searcher = HybridSearcher(corpus, HashEmbedder())
        while True:
            for query, k in (("lighthouse keeper", 3), ("harbour crane number", 8)):
                began = time.monotonic()
                found = await searcher.search(query, k=k)
                kept.took.append(time.monotonic() - began)
                steady = [hit.path for hit in found if "lighthouse" in hit.text]
                if k == 3 and steady != [f"docs/{STEADY}"]:
                    kept.failed.append(f"{query}: {steady}")
                if any(not hit.text or any(each.text not in hit.text for each in hit.sentences) for hit in found):
                    kept.failed.append(f"{query}: a passage that is not whole")
            await asyncio.sleep(0.05)

    task = asyncio.create_task(search())
    try:
        yield
        assert not task.done(), "no search raises"
    finally:
        task.cancel()
        ended = (await asyncio.gather(task, return_exceptions=True))[0]
    if isinstance(ended, BaseException) and not isinstance(ended, asyncio.CancelledError):
        raise ended
