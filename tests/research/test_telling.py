"""A short answer from a sentence that tells something else is withheld, by a model for which it was measured when it is right."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.prompts import load_prompt
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels

PAGE = """# People

The plumber Ada Vance is reached at 0555 0177 and comes within two days.

Marta Kowal of the north flat moved in when the lift was new, in May 2019.
"""
QUESTION = "What is the phone number of Marta Kowal of the north flat?"
ANSWER = {"answer": "0555 0177", "sentence": 1}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "people.md").write_text(PAGE)
    (tmp_path / "models.yaml").write_text("models: {}\n")
    return Project(tmp_path)


def judging(project: Project, says: Callable[[str], str], bound: float | None) -> ScriptedModels:
    """Answers each question by the same number, and judges each text by `says`."""
    tells = load_prompt(project.prompt_file("tells")).system

    def reply(request: Request) -> Any:
        return says(request.messages[-1].content) if request.messages[0].content == tells else ANSWER

    models = ScriptedModels(reply)
    (name,) = models.catalog.roles["default"].models
    models.catalog.models[name] = models.catalog.models[name].model_copy(update={"yes_from": bound})
    return models


async def asked(project: Project, models: ScriptedModels, question: str = QUESTION) -> Any:
    async with Engine(project, pool=models) as engine:
        await engine.ingest([project.root / "docs"])
        return await engine.run("research", {"question": question, "rounds": 0})


async def test_what_the_model_denies_is_withheld_with_the_reason(project: Project) -> None:
    outcome = await asked(project, judging(project, lambda _: "no", 0.4))
    assert outcome.status is RunStatus.INSUFFICIENT
    assert any("does not tell what is asked" in note for note in outcome.output["notes"])


async def test_what_it_affirms_of_the_sentence_or_its_surroundings_stands(project: Project) -> None:
    texts: list[str] = []

    def alone(text: str) -> str:
        texts.append(text)
        return "yes" if "Marta" not in text.partition("Question:")[0] else "no"

    outcome = await asked(project, judging(project, alone, 0.4))
    assert outcome.output["answer"] == "0555 0177"  # half of two is above the bound
    assert len(texts) == 2 and all("0555 0177" in text for text in texts)


async def test_what_takes_another_document_is_not_judged(project: Project) -> None:
    (project.root / "docs" / "vance.md").write_text(
        "# Ada Vance\n\nShe is the sister of the harbour master of Wendle.\n"
    )
    models = judging(project, lambda _: "no", 0.4)
    outcome = await asked(project, models, "What is the phone number of the plumber whose brother is harbour master?")
    assert outcome.output["answer"] == "0555 0177"


@pytest.mark.parametrize("question", [QUESTION, "Is the plumber Ada Vance reached at 0555 0177?"])
async def test_without_a_measured_bound_and_for_yes_or_no_it_is_not_asked(project: Project, question: str) -> None:
    asked_for: list[str] = []

    def noted(text: str) -> str:
        asked_for.append(text)
        return "no"

    await asked(project, judging(project, noted, None if question == QUESTION else 0.4), question)
    assert not asked_for
