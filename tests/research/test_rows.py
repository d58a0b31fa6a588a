"""Rows of tables in words, and lines by their label."""

from pathlib import Path

import pytest

from agentflow.corpus.ingest.ingest import ingest
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research.passages.rows import cells, head_of
from agentflow.testing import ScriptedModels

TABLE = "| station | opened | owner |\n|---|:---:|---|\n| Mill Lane | 2017 | library |\n| "


@pytest.mark.parametrize(
    ("before", "names"),
    [
        (f"Text.\n\n{TABLE}", ["station", "opened", "owner"]),
        ("station | opened\n--- | ---\nMill Lane | 2017\n", ["station", "opened"]),
        ("| station | opened |\n|---|---|\n\nText.\n\n| ", []),
        ("| only | a | row |\n| ", []),
        ("", []),
    ],
)
def test_a_row_finds_the_head_of_its_own_table(before: str, names: list[str]) -> None:
    assert head_of(before) == names


def test_cells_end_at_bars_that_are_not_escaped() -> None:
    assert cells(r"| `a \| b` | two |") == [r"`a \| b`", "two"] and cells("x | y") == ["x", "y"]


PLAN = (
    "---\ntitle: Harbour plan\nstatus: Draft\nauthor: Ada Osei\n---\n\n# Harbour plan\n\nThe plan was final in May.\n"
)
QUAY = "---\ntitle: Quay plan\nstatus: Final\n---\n\n# Quay plan\n\nThe quay is old and was built by Jonas Vik.\n"


@pytest.mark.parametrize(
    ("question", "answer", "calls"),
    [
        ("What is the status of Harbour plan?", "Draft", 0),
        ("What is the status of Quay plan?", "Final", 0),
        ("Who is the author of Harbour plan?", "Ada Osei", 0),
        ("What is the author of Quay plan?", "", 1),  # it has none, and what the model takes speaks of no author
    ],
)
async def test_what_a_document_gives_by_a_label_needs_no_model(
    question: str, answer: str, calls: int, tmp_path: Path
) -> None:
    (tmp_path / "harbour.md").write_text(PLAN)
    (tmp_path / "quay.md").write_text(QUAY)
    pool = ScriptedModels(lambda request: {"answer": "Jonas Vik", "sentence": 1}, abilities=())
    async with Engine(Project(tmp_path), pool=pool) as engine:
        await ingest(engine.corpus, [tmp_path], embedder=None)
        outcome = await engine.run("research", {"question": question, "depth": "quick"})
    assert outcome.output["answer"] == answer and bool(pool.asked) == bool(calls)
