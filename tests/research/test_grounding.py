"""The sentence that bears an answer, of a model that is trusted to say nothing where nothing is told."""

from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.models.catalog.model_config import ABILITIES
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.research.answers.grounding import loops
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels

PAGE = """# Plan 215

Status: Superseded

Replaced by: 292

Title: Plan 215, lamps of the harbour

Author: Philippa Brettner <pb@lamps.example>

Created: 3 May 2024

Read aloud: 9 June 2024
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "docs").mkdir()
    (tmp_path / "models.yaml").write_text("models: {}\n")
    return Project(tmp_path)


async def asked(project: Project, question: str, answer: str) -> Any:
    (project.root / "docs" / "plan.md").write_text(PAGE)

    def reply(request: Request) -> Any:
        return {"answer": answer, "sentence": 1}

    async with Engine(project, pool=ScriptedModels(reply, abilities=ABILITIES)) as engine:
        await engine.ingest([project.root / "docs"])
        return await engine.run("research", {"question": question, "rounds": 0})


async def test_what_an_answer_says_beyond_the_question_leads_to_its_sentence(project: Project) -> None:
    outcome = await asked(project, "Which plan replaced plan 215?", "plan 292")
    assert outcome.output["answer"] == "plan 292"
    assert outcome.output["evidence"][0]["quote"] == "Replaced by: 292"


@pytest.mark.parametrize("answer", ["None", "not stated", "plan 215", "plan 77"])
async def test_no_answer_an_echo_and_an_invention_end_as_not_enough_evidence(project: Project, answer: str) -> None:
    outcome = await asked(project, "Which lamps does plan 215 of the harbour need?", answer)
    assert outcome.status is RunStatus.INSUFFICIENT and not outcome.output["answer"]


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("Philipa Bretner", "Philippa Brettner"),
        ("Philippa Brettner <pb@lamp.example>", "Philippa Brettner <pb@lamps.example>"),
    ],
)
async def test_a_slip_in_copying_is_mended_from_the_document(project: Project, slip: str, meant: str) -> None:
    outcome = await asked(project, "Who is named as the author of plan 215?", slip)
    assert outcome.output["answer"] == meant
    assert any(slip in note for note in outcome.output["notes"])


@pytest.mark.parametrize("answer", ["Philip Brandt", "lamps of the 2 harbours"])
async def test_another_name_and_another_number_are_no_slip(project: Project, answer: str) -> None:
    outcome = await asked(project, "Who is the author of plan 215?", answer)
    assert not any(answer in note and "the documents say" in note for note in outcome.output["notes"])


async def test_of_two_sentences_that_hold_the_answer_the_one_about_the_thing_asked_for_is_cited(
    project: Project,
) -> None:
    (project.root / "docs" / "a.md").write_text("# Prices\n\nA day ticket for Juniper Yard costs 7 euros.\n")
    (project.root / "docs" / "b.md").write_text("# Prices\n\nThe price of a ticket for Kestrel Farm is 7 euros.\n")

    def reply(request: Request) -> Any:
        lines = request.messages[-1].content.split("\n")
        wrong = next((line for line in lines if "Juniper" in line), "[1]").strip()
        return {"answer": "7 euros", "sentence": int(wrong[1 : wrong.index("]")])}

    async with Engine(project, pool=ScriptedModels(reply)) as engine:
        await engine.ingest([project.root / "docs"])
        outcome = await engine.run("research", {"question": "What does a day ticket for Kestrel Farm cost?"})
    assert "Kestrel Farm" in outcome.output["evidence"][0]["quote"]


async def test_of_two_documents_that_hold_the_answer_the_one_asked_about_is_cited(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "lamp.rst").write_text("Plan: 7\nTitle: Lamps for the pier\nTown: Wendle\n\nIt is dark there at night.\n")
    (docs / "log.md").write_text("# Log\n\nWhich town Lamps for the pier, plan 7, is meant for was settled: Wendle.\n")

    def reply(request: Request) -> Any:
        return {"answer": "Wendle", "sentence": 0, "first": "", "then": ""}

    async with Engine(Project(tmp_path), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([docs])
        outcome = await engine.run("research", {"question": "Which town is plan 7 meant for?"})
    assert outcome.output["evidence"][0]["quote"] == "Town: Wendle"


@pytest.mark.parametrize(
    ("question", "said", "answer"),
    [
        ("What is the creation date of plan 215?", "9 June 2024", "3 May 2024"),
        ("On which day was plan 215 read aloud?", "9 June 2024", "9 June 2024"),
        ('On which day was "Plan 215, lamps created" settled?', "9 June 2024", "9 June 2024"),
        ("Who created plan 215?", "Philippa Brettner <pb@lamps.example>", "Philippa Brettner <pb@lamps.example>"),
    ],
)
async def test_a_date_is_taken_from_the_line_whose_label_is_asked_for(
    project: Project, question: str, said: str, answer: str
) -> None:
    assert (await asked(project, question, said)).output["answer"] == answer


@pytest.mark.parametrize(
    ("question", "said", "answer"),
    [
        ("Which days is the camp at Low Fell?", "4-6 October", "4-6 October"),
        ("In which year did the guild of Low Fell close?", "1940", "1940"),
        ("Where do we meet at Low Fell?", "At the gate by seven. Then walk up in pairs.", "At the gate by seven."),
        ("Where do we meet at Low Fell?", "1. at the gate by seven 2. walk up", "at the gate by seven"),
    ],
)
async def test_other_dashes_and_more_sentences_than_one_still_have_their_sentence(
    project: Project, question: str, said: str, answer: str
) -> None:
    text = "# Camp\n\nThe camp at Low Fell is 4–6 October. Meet at the gate by seven, with lamps. Walk up in pairs.\n\n"
    text += "The guild of Low Fell was open in the years 1931–1940.\n"
    (project.root / "docs" / "camp.md").write_text(text, "utf-8")
    outcome = await asked(project, question, said)
    assert outcome.output["answer"] == answer


def test_a_loop_is_told_from_a_list() -> None:
    assert loops("folder `.agentflow.db`, " + "below it: `agentflow.db`, " * 10)
    assert not loops(", ".join(f"item {number}" for number in range(12)))
