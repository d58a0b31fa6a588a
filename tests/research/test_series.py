"""A folder where every year has its own document: which one answers, and what the newer says."""

from pathlib import Path
from typing import Any

from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels

MINUTES = "# Minutes of the singers, {day}\n\nPresent: {present} singers\n\n{fee}\n"


def pointing(*answers: tuple[str, str]) -> Any:
    """A model that says the first of the answers whose sentence it is shown."""

    def reply(request: Request) -> Any:
        for words, answer in answers:
            for line in request.messages[-1].content.splitlines():
                if line.strip().startswith("[") and words in line:
                    return {"answer": answer, "sentence": int(line.strip()[1:].split("]")[0])}
        return {"answer": "", "sentence": 0}

    return reply


async def asked(root: Path, question: str, model: Any) -> Outcome:
    (root / "models.yaml").write_text("models: {}\n")
    for year, present, fee in (
        (2021, 34, "The yearly fee stays at 60 euros."),
        (2024, 27, "The yearly fee is now 75 euros."),
    ):
        text = MINUTES.format(day=f"3 May {year}", present=present, fee=fee)
        (root / f"{year}-05-03.md").write_text(text)
    async with Engine(Project(root), pool=ScriptedModels(model, abilities=())) as engine:
        await engine.ingest([root])
        return await engine.run("research", {"question": question})


async def test_the_newer_document_is_told_beside_the_older(tmp_path: Path) -> None:
    outcome = await asked(
        tmp_path, "How high is the yearly fee?", pointing(("stays at 60", "60 euros"), ("now 75", "75 euros"))
    )
    assert outcome.output["answer"].startswith("75 euros (2024-05-03.md") and "60 euros" in outcome.output["answer"]


async def test_a_newer_sentence_that_the_model_fails_to_read_is_told_as_well(tmp_path: Path) -> None:
    outcome = await asked(tmp_path, "How high is the yearly fee?", pointing(("stays at 60", "60 euros")))
    assert "The yearly fee is now 75 euros" in outcome.output["answer"]


async def test_the_minutes_of_another_year_do_not_answer(tmp_path: Path) -> None:
    outcome = await asked(tmp_path, "How many singers were present in 2021?", pointing(("Present: 27", "27")))
    assert "27" not in outcome.output["answer"]
    assert any("not of 2021" in note for note in outcome.output["notes"])


async def test_the_head_of_a_table_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "boats.csv").write_text("boat,seats,fee paid\nHeron,4,no\nTern,2,yes\n")
    head = pointing(("boat,seats,fee paid", "boat,seats,fee paid"))
    outcome = await asked(tmp_path, "Which boat has no fee paid?", head)
    assert "seats" not in outcome.output["answer"] and not outcome.output["claims"]


async def test_who_says_that_it_is_not_so_is_told_beside_who_says_that_it_is(tmp_path: Path) -> None:
    (tmp_path / "new.md").write_text(
        "# Choirs\n\nSinging before breakfast does not harm the voice of trained singers.\n"
    )
    (tmp_path / "other.md").write_text("# Drums\n\nDrumming before breakfast does not harm the voice.\n")
    (tmp_path / "old.md").write_text("# Voices\n\nSinging before breakfast harms the voice.\n")
    outcome = await asked(
        tmp_path, "Does singing before breakfast harm the voice?", pointing(("breakfast harms", "Yes"))
    )
    [conflict] = outcome.output["conflicts"]
    assert "trained singers" in str(conflict) + str(outcome.output["evidence"])


async def test_a_sentence_that_asks_decides_nothing(tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_text("# Plan\n\nOpen: is there any song on whales?\n")
    outcome = await asked(tmp_path, "Is there a song on whales?", pointing(("song on whales", "Yes")))
    assert outcome.status == "insufficient" and not outcome.output["claims"]


async def test_what_stands_in_two_places_is_shown_once(tmp_path: Path) -> None:
    told = "The choir of Tarn sings on Mondays."
    (tmp_path / "choir.md").write_text(f"# Choir\n\n## Abstract\n\n{told}\n\n## Results\n\n{told}\n")
    outcome = await asked(tmp_path, "When does the choir of Tarn sing?", pointing(("on Mondays", "Mondays")))
    assert [item["quote"] for item in outcome.output["evidence"]].count(told) == 1


async def test_of_what_a_sentence_tells_as_changed_the_whole_is_told(tmp_path: Path) -> None:
    told = "The crew is raised from 4 to 6 rowers."
    (tmp_path / "crew.md").write_text(f"# Crew\n\n{told}\n")
    outcome = await asked(tmp_path, "How many rowers are in the crew?", pointing(("from 4 to 6", "4")))
    assert outcome.output["answer"] == told


async def test_a_workflow_lists_the_documents_of_its_run_alone(tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "whale.md").write_text("# Whale\n\nComposer: Ada Holm\n")
    (tmp_path / "plan.md").write_text("# Plan\n\nComposer: not known\n")
    pool = ScriptedModels(pointing(("Ada Holm", "Ada Holm")), abilities=())
    async with Engine(Project(tmp_path), pool=pool) as engine:
        await engine.ingest([tmp_path])
        inputs = {"columns": ["composer"]}
        outcome = await engine.run("extract_table", inputs, docs=[tmp_path / "songs"])
    assert [row["document"] for row in outcome.output["rows"]] == ["songs/whale.md"]
