"""The research graph with a model that reads and points, but is easily led astray."""

from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.research.answers.readings import READABLE
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels

NOTHING = {"answer": "", "sentence": 0}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "docs").mkdir()
    (tmp_path / "models.yaml").write_text("models: {}\n")
    return Project(tmp_path)


async def asked(project: Project, page: str, said: dict[str, Any], question: str) -> Outcome:
    """One run over one page, by a model that always says the same."""
    (project.root / "docs" / "page.md").write_text(page)
    async with Engine(project, pool=ScriptedModels(lambda request: said, abilities=())) as engine:
        await engine.ingest([project.root / "docs"])
        return await engine.run("research", {"question": question})


def prompt_number(request: Request, words: str) -> list[int]:
    """The numbers of the prompt's lines `[n] …` that hold the words."""
    lines = [line.strip() for line in request.messages[-1].content.split("\n")]
    return [int(line[1 : line.index("]")]) for line in lines if line.startswith("[") and words in line]


async def test_a_small_model_that_confuses_the_rows_of_a_table_is_led_to_the_row_with_the_number(
    project: Project,
) -> None:
    rows = [
        f"{name} {number},{number * 31 + 400 + at},dry"
        for number in range(1, 9)
        for at, name in enumerate(("Hazel", "Alder", "Rowan"))
    ]
    (project.root / "docs" / "wells.csv").write_text("\n".join(["well,depth,state", *rows]) + "\n")

    def wrong(request: Request) -> Any:
        found = prompt_number(request, "Alder 7,")
        return {"answer": "618", "sentence": found[0]} if found else NOTHING

    async with Engine(project, pool=ScriptedModels(wrong, abilities=())) as engine:
        await engine.ingest([project.root / "docs"])
        outcome = await engine.run("research", {"question": "What is the depth of the well Rowan 7?"})
    assert outcome.output["evidence"][0]["quote"] == "Rowan 7,619,dry" and "619" in outcome.output["answer"]


async def test_a_bare_no_of_a_small_model_is_not_cited_from_any_sentence_with_a_no_in_it(project: Project) -> None:
    page = "# Keys\n\nThe keys of the tower never leave the harbour.\nNo entry.\n"
    outcome = await asked(project, page, {"answer": "no", "sentence": 1}, "Do the keys of the tower leave the harbour?")
    assert outcome.output["evidence"][0]["quote"].startswith("The keys of the tower never leave")


async def test_a_small_model_reads_the_nearest_passages_alone(project: Project) -> None:
    for number in range(9):
        (project.root / "docs" / f"lamp{number}.md").write_text(
            f"# Lamp {number}\n\nLamp {number} was lit in 19{number}0.\n"
        )
    seen: list[int] = []

    def reply(request: Request) -> Any:
        seen.append(request.messages[-1].content.count("Source:"))
        number = prompt_number(request, "Lamp 7 was lit")
        return {"answer": "1970", "sentence": number[0]} if number else NOTHING

    async with Engine(project, pool=ScriptedModels(reply, abilities=())) as engine:
        await engine.ingest([project.root / "docs"])
        outcome = await engine.run("research", {"question": "When was lamp 7 lit?"})
    assert max(seen) <= READABLE and outcome.output["answer"] == "1970"


async def test_a_small_model_answers_how_with_the_nearest_sentence(project: Project) -> None:
    page = "# Keys\n\nTo open the tower, turn the brass key twice.\nIt is cold.\n"
    outcome = await asked(project, page, {"answer": "cold", "sentence": 2}, "How do I open the tower?")
    assert outcome.output["answer"].startswith("To open the tower, turn the brass key twice")


async def test_a_small_model_is_not_believed_when_nothing_it_read_is_near_the_question(project: Project) -> None:
    page = "# Keys\n\nThe keys hang in the hall.\nTen guests came in May.\n"
    outcome = await asked(project, page, {"answer": "May", "sentence": 2}, "What does a licence for ten users cost?")
    assert outcome.status == "insufficient" and any("'May'" in note for note in outcome.output["notes"])


async def test_what_asks_for_yes_or_no_is_answered_by_the_sentence_that_stands_out(project: Project) -> None:
    (project.root / "docs" / "tower.md").write_text(
        "# Tower\n\nVisitors may climb the tower in winter as well.\nIts bell is old.\n"
    )
    model = ScriptedModels(lambda request: NOTHING, abilities=())
    async with Engine(project, pool=model) as engine:
        await engine.ingest([project.root / "docs"])
        found = await engine.run("research", {"question": "Can visitors climb the tower in winter?"})
        lacking = await engine.run("research", {"question": "Can horses swim across the bay?"})
        named = await engine.run("research", {"question": "Who may climb the tower in winter?"})
    assert found.output["answer"].startswith("Visitors may climb the tower in winter")
    assert lacking.status == named.status == "insufficient"


async def test_a_document_s_no_to_another_question_is_no_answer(project: Project) -> None:
    page = "# Questions\n\n## Do I need a boat?\n\nNo: the pier leads to any island.\n"
    outcome = await asked(project, page, {"answer": "no", "sentence": 1}, "May I walk the island's pier?")
    assert outcome.status == "insufficient"


async def test_what_is_no_verdict_gives_way_to_its_sentence_where_yes_or_no_is_asked(project: Project) -> None:
    page = "# Boats\n\nRowing boats with 3 oars may use the canal, but are not insured.\n"
    outcome = await asked(project, page, {"answer": "3 oars", "sentence": 1}, "May rowing boats use the canal?")
    assert outcome.output["answer"].startswith("Rowing boats with 3 oars may use the canal")


async def test_the_date_of_a_document_does_not_stand_beside_the_sentence_that_dates_what_is_asked(
    project: Project,
) -> None:
    page = "# The tower\n\nDate: 2025-08-28\n\nThe tower of Elm was opened to the public in 1993.\n"
    (project.root / "docs" / "tower.md").write_text(page)
    dated = list[bool]()

    def first_line(request: Request) -> Any:
        dated.append(bool(prompt_number(request, "2025-08-28")))
        return NOTHING

    async with Engine(project, pool=ScriptedModels(first_line, abilities=())) as engine:
        await engine.ingest([project.root / "docs"])
        await engine.run("research", {"question": "In which year was the tower of Elm opened to the public?"})
        assert dated and not any(dated)
        dated.clear()
        await engine.run("research", {"question": "Since when has Elm had its tower?"})
    assert any(dated)


async def test_another_name_is_told_where_the_model_slips_in_copying_it(project: Project) -> None:
    (project.root / "docs" / "new.md").write_text(
        "# Yard\n\nDate: 2025-06-25\n\nCarla Weiss is the keeper of Delta Yard.\n"
    )
    (project.root / "docs" / "old.md").write_text(
        "# Yard\n\nDate: 2019-09-28\n\nThe keeper of Delta Yard is Edith Moss.\n"
    )

    def slips(request: Request) -> Any:
        if new := prompt_number(request, "Carla Weiss"):
            return {"answer": "Carla Weiss", "sentence": new[0]}
        return {"answer": "Eddie Moss", "sentence": prompt_number(request, "Edith Moss")[0]}

    async with Engine(project, pool=ScriptedModels(slips, abilities=())) as engine:
        await engine.ingest([project.root / "docs"])
        outcome = await engine.run("research", {"question": "Who is the keeper of Delta Yard?"})
    assert outcome.output["answer"].startswith("Carla Weiss (") and "but Edith Moss (" in outcome.output["answer"]
