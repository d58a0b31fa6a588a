"""Whether something is so is told by a sentence that asserts it."""

from pathlib import Path

import pytest

from agentflow.corpus.ingest.ingest import ingest
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research.answers.polar import CONCLUDED, SUPPOSED, asserts
from agentflow.testing import ScriptedModels

PAPER = """Physicians recommend coffee to reduce the risk of gout. We examined whether coffee reduces the risk of gout in 900 people.
We hypothesized that coffee might reduce the risk of gout. We found that coffee reduced the risk of gout by a third.
Backups are encrypted at rest.
"""


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("Coffee lowers the risk.", 1.0),
        ("We found that coffee lowers the risk.", CONCLUDED),
        ("The results suggest that it does not.", CONCLUDED),
        ("We also tested whether coffee lowers the risk.", SUPPOSED),
        ("Physicians recommend coffee.", SUPPOSED),
        ("Journals should require archives.", SUPPOSED),
        ("There is increasing concern that most findings are false.", SUPPOSED),
    ],
)
def test_a_plan_an_advice_and_a_supposition_assert_little(text: str, factor: float) -> None:
    assert asserts(text) == pytest.approx(factor)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Does coffee reduce the risk of gout?", "We found that coffee reduced the risk of gout by a third."),
        ("Are the seals encrypted?", ""),  # what is told of backups
    ],
)
async def test_a_small_model_answers_whether_by_the_sentence_that_decides(
    question: str, answer: str, tmp_path: Path
) -> None:
    (tmp_path / "paper.md").write_text(PAPER)
    pool = ScriptedModels(lambda request: {"answer": "coffee", "sentence": 1}, abilities=())
    async with Engine(Project(tmp_path), pool=pool) as engine:
        await ingest(engine.corpus, [tmp_path / "paper.md"], embedder=None)
        assert (await engine.run("research", {"question": question})).output["answer"] == answer
