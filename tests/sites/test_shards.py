"""One corpus whole and the same in thirds at three sites: a search finds the same."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow import bundled
from agentflow.corpus.search.fusion import by_rank
from agentflow.engine import Engine
from agentflow.project import Project
from tests.sites.harness import Site, key_for, sites_yaml, write_project

PAGES = {f"docs/{page.name}": page.read_text("utf-8") for page in sorted((bundled.ROOT / "docs").glob("*.md"))}
QUESTIONS = (
    "What happens when a run is killed?", "How is a key of the API revoked?", "Which files are not read?",
    "What does calibrate measure?", "How do I add a tool to a workflow?", "What is a lease?", "How is robots.txt kept to?",
    "How much memory does a model need?", "What is kept of a page of the web?", "How do I compare two models?",
)  # fmt: skip


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Project]]:
    """(the whole, one without documents that asks the thirds)"""
    root = tmp_path_factory.mktemp("shards")
    whole = write_project(root / "whole", PAGES)
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        asked = {}
        for number in range(3):
            part = write_project(root / f"part{number}", dict(list(PAGES.items())[number::3]))
            patch.setenv(f"PART{number}_KEY", key_for(part))
            site = stack.enter_context(Site(part))
            asked[f"part{number}"] = {"url": site.url, "key": f"PART{number}_KEY", "seconds": 60}
        yield whole, write_project(root / "asker", sites=sites_yaml(**asked))


def test_thirds_of_a_corpus_find_what_the_whole_finds(projects: tuple[Project, Project]) -> None:
    async def found(project: Project) -> list[list[tuple[str, int]]]:
        async with Engine(project) as engine:
            return [
                [(Path(passage.path).name, passage.start) for passage in await engine.search(question, k=5)]
                for question in QUESTIONS
            ]

    one, three = (asyncio.run(found(project)) for project in projects)
    same = [len(set(a) & set(b)) for a, b in zip(one, three, strict=True)]
    assert sum(same) >= 0.8 * 5 * len(QUESTIONS), same
    assert sum(a[0] == b[0] for a, b in zip(one, three, strict=True)) >= 8
    assert sum(a[0] in b for a, b in zip(one, three, strict=True)) == len(QUESTIONS)


@given(st.lists(st.lists(st.integers(0, 30), unique=True)), st.data())
def test_merged_rankings_keep_the_order_of_each(rankings: list[list[int]], data: st.DataObject) -> None:
    items = sorted({item for ranking in rankings for item in ranking})
    disjoint = [[100 * place + item for item in ranking] for place, ranking in enumerate(rankings)]
    score = {item: data.draw(st.floats(0, 9)) for ranking in disjoint for item in ranking}
    merged = by_rank(disjoint, score)
    assert sorted(merged) == sorted(score)
    for ranking in disjoint:
        assert [item for item in merged if item in ranking] == ranking
    assert sorted(by_rank(rankings, dict.fromkeys(items, 1.0))) == items, "what several hold is there once"
