"""A watched folder: at rest the corpus is what a fresh ingest would make of it, and no search fails on the way."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.ingest.watch import Watch
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError
from agentflow.events import DocumentsRead, Event, Note
from agentflow.testing import HashEmbedder
from tests.corpus.keeping_up import keep_up, until

PATIENCE = 120.0  # seconds; a busy machine may need them


@asynccontextmanager
async def watching(corpus: Corpus, *roots: Path, **options: Any) -> AsyncIterator[list[Event]]:
    told: list[Event] = []
    task = asyncio.create_task(Watch(corpus, roots, sink=told.append, **options).run())
    try:
        await until(lambda: task.done() or any(isinstance(event, DocumentsRead) for event in told))
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def paths(corpus: Corpus) -> set[str]:
    return {document.path for document in corpus.documents()}


async def test_changes_are_found_by_words_at_once(corpus: Corpus, folder: Path) -> None:
    async with watching(corpus, folder):
        assert len(paths(corpus)) == 5
        (folder / "new.txt").write_text("A zeppelin lands.", "utf-8")
        (folder / "deep" / "rockets.md").unlink()
        await until(lambda: "docs/new.txt" in paths(corpus) and "docs/deep/rockets.md" not in paths(corpus))
        assert (await HybridSearcher(corpus, None).search("zeppelin"))[0].path == "docs/new.txt"


async def test_renamed_files_and_folders_keep_their_vectors(corpus: Corpus, folder: Path) -> None:
    embedder = HashEmbedder()
    async with watching(corpus, folder, embedder=embedder):
        await until(lambda: corpus.waiting() == 0)
        before = embedder.texts
        (folder / "plain.txt").rename(folder / "named otherwise.txt")
        await until(lambda: "docs/named otherwise.txt" in paths(corpus))
        (folder / "deep").rename(folder / "deeper")
        await until(lambda: "docs/deeper/rockets.md" in paths(corpus) and corpus.waiting() == 0)
        assert embedder.texts == before and corpus.status().indexed == corpus.status().chunks


async def test_rules_are_heeded_when_they_change(corpus: Corpus, folder: Path) -> None:
    async with watching(corpus, folder):
        (folder / ".agentflowignore").write_text("deep/\n*.csv\n", "utf-8")
        await until(lambda: paths(corpus) == {"docs/code.py", "docs/plain.txt", "docs/tea.rst"})
        (folder / "deep" / "more.txt").write_text("Left out as well.", "utf-8")
        (folder / ".agentflowignore").unlink()
        await until(lambda: len(paths(corpus)) == 6)


class Held(HashEmbedder):
    """Gives vectors of passages only once it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def embed(self, texts):  # type: ignore[no-untyped-def]
        if len(texts) > 1:
            await self.go.wait()
        return await super().embed(texts)


async def test_search_says_how_far_the_vectors_are(corpus: Corpus, folder: Path) -> None:
    embedder, notes = Held(), list[Event]()
    async with watching(corpus, folder, embedder=embedder):
        await until(lambda: corpus.embedder == embedder.name)
        searcher = HybridSearcher(corpus, embedder, sink=notes.append)
        assert (await searcher.search("harbour"))[0].path == "docs/plain.txt"
        waiting = corpus.waiting()
        assert f"{waiting:,} of {waiting:,} passages have no vector yet" in next(
            n.text for n in notes if isinstance(n, Note)
        )
        embedder.go.set()
        await until(lambda: corpus.waiting() == 0)
        assert await searcher.dense("harbour", 5), "what came to be embedded is searched without a new searcher"


async def test_a_folder_that_is_gone_keeps_its_documents_until_it_is_back(corpus: Corpus, folder: Path) -> None:
    async with watching(corpus, folder) as told:
        folder.rename(folder.with_name("away"))
        await until(lambda: any(isinstance(each, Note) and "is not there" in each.text for each in told))
        assert len(paths(corpus)) == 5
        (folder.with_name("away") / "tea.rst").unlink()
        folder.with_name("away").rename(folder)
        await until(lambda: len(paths(corpus)) == 4)
        (folder / "after.txt").write_text("It is watched again.", "utf-8")
        await until(lambda: "docs/after.txt" in paths(corpus))


async def test_a_single_file_is_watched_though_editors_replace_it(corpus: Corpus, folder: Path) -> None:
    async with watching(corpus, folder / "plain.txt"):
        (folder / "fresh").write_text("The harbour is open.", "utf-8")
        (folder / "fresh").replace(folder / "plain.txt")
        await until(lambda: "is open" in corpus.text(corpus.document("plain.txt").id))


async def test_a_link_is_read_again_when_what_it_leads_to_changes(corpus: Corpus, folder: Path) -> None:
    (folder / "deep" / "link.txt").symlink_to(folder / "plain.txt")
    async with watching(corpus, folder):
        (folder / "plain.txt").write_text("The harbour burns.", "utf-8")
        await until(lambda: "burns" in corpus.text(corpus.document("deep/link.txt").id))


async def test_without_a_folder_it_watches_what_was_ingested(corpus: Corpus, folder: Path) -> None:
    with pytest.raises(AgentflowError, match="no folder to watch"):
        await Watch(corpus).run()
    await ingest(corpus, [folder], embedder=None)
    assert Watch(corpus).roots == [folder]


def test_the_command_tells_each_change_and_ends_in_order(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "agentflow",
        "watch",
        str(folder),
        "--lexical",
        "--json",
        "--project",
        str(folder.parent),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout and child.stderr
        assert len(json.loads(child.stdout.readline())["added"]) == 5
        (folder / "tea.rst").unlink()
        assert json.loads(child.stdout.readline())["removed"] == ["docs/tea.rst"]
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE) == 0 and child.stderr.read() == "stopped; what is done is kept\n"


async def test_at_rest_it_equals_a_fresh_ingest(tmp_path: Path) -> None:
    """Another process watches, is killed in between, and searches here see a whole corpus at any moment. For ten minutes with
    5,000 files: benchmarks/churn.py."""
    kept = await keep_up(tmp_path, files=60, seconds=5.0, kills=1, patience=PATIENCE)
    assert kept.failed == [] and kept.problems == {} and kept.searches > 4
