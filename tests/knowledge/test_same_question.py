"""A question that was answered before is answered at once, and never from what is no longer so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.knowledge.store import Knowledge
from agentflow.project import Project
from agentflow.research.report.markdown import render
from agentflow.research.report.of_run import research_report
from agentflow.runs import queue
from agentflow.runs.queue import Terms
from agentflow.runs.replay import replay
from agentflow.testing import ScriptedModels
from tests.knowledge.conftest import DRIVER, FEE, FEES, Ask, reader

Look = Callable[[], Knowledge]
NEWER = "The fee for a berth is 15 euros a night."


async def test_the_answer_comes_at_once_and_says_where_from(ask: Ask, models: ScriptedModels) -> None:
    first = await ask()
    asked = len(models.asked)
    second = await ask("  What is the fee for a berth ?")
    assert second.output["answer"] == first.output["answer"] and "14 euros" in first.output["answer"]
    assert len(models.asked) == asked and second.usage.tokens == 0
    assert second.output["repeats"] == first.run
    assert second.output["claims"][0]["known"]["run"] == first.run
    report = render(research_report(second, FEE))
    assert f"Known from run {first.run}" in report and "`--knowledge off` asks afresh" in report
    assert f"(known from run {first.run}" in report


def edited(docs: Path) -> None:
    (docs / "fees.md").write_text(FEES.replace("14", "15"))


def edited_elsewhere(docs: Path) -> None:
    (docs / "fees.md").write_text(FEES.replace("seven", "eight"))


def removed(docs: Path) -> None:
    (docs / "fees.md").unlink()


def added(docs: Path) -> None:
    (docs / "news.md").write_text(f"# News\n\n{NEWER}\n")


@pytest.mark.parametrize("change", [edited, edited_elsewhere, removed, added])
async def test_any_change_of_what_may_be_searched_asks_afresh(
    change: Callable[[Path], None], ask: Ask, models: ScriptedModels, project: Project
) -> None:
    await ask()
    change(project.root / "docs")
    asked = len(models.asked)
    again = await ask()
    assert again.output.get("repeats") == "" and len(models.asked) > asked
    if change is edited:
        assert "15 euros" in again.output["answer"]
    if change is removed:
        assert "14" not in again.output["answer"]


@pytest.mark.parametrize("change", [edited, removed])
async def test_a_file_that_changed_and_was_not_read_again_asks_afresh(
    change: Callable[[Path], None], ask: Ask, project: Project, models: ScriptedModels
) -> None:
    await ask()
    change(project.root / "docs")
    async with Engine(project, pool=models) as engine:
        again = await engine.run("research", {"question": FEE}, docs=[project.root / "docs"])
    assert again.output["repeats"] == ""
    assert "changed or gone" in " ".join(again.output["notes"])


async def test_another_scope_model_limit_or_depth_asks_afresh(ask: Ask, project: Project) -> None:
    await ask()
    assert (await ask(depth="quick")).output["repeats"] == ""
    fees = [project.root / "docs" / "fees.md"]
    async with Engine(project, pool=ScriptedModels(reader, name="another")) as engine:
        other = await engine.run("research", {"question": FEE}, docs=[project.root / "docs"])
    async with Engine(project, pool=ScriptedModels(reader)) as engine:
        narrow = await engine.run("research", {"question": FEE}, docs=fees)
    assert not other.output["repeats"] and not narrow.output["repeats"]


async def test_it_can_be_switched_off(ask: Ask, project: Project, known: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await ask(knowledge="off")
    assert first.output["knowledge"] == "off" and not known().all()
    (project.root / "knowledge.yaml").write_text("use: off\n")
    assert (await ask()).output["knowledge"] == "off"
    monkeypatch.setenv("AGENTFLOW_KNOWLEDGE", "same")
    assert (await ask()).output["knowledge"] == "same"
    assert {claim.run for claim in known().all()} != {first.run}
    assert (await ask()).output["repeats"]
    assert (await ask(knowledge="off")).output["repeats"] == ""


async def test_an_answer_that_was_taken_over_makes_nothing_known(ask: Ask, known: Look) -> None:
    first, second = await ask(), await ask()
    assert [claim.run for claim in known().all()] == [first.run]
    assert known().of_run(second.run) == []
    assert (await ask()).output["repeats"] == first.run


async def test_a_fork_is_neither_remembered_nor_answered_at_once(
    ask: Ask, project: Project, models: ScriptedModels, known: Look
) -> None:
    first = await ask()
    async with Engine(project, pool=models) as engine:
        fork = await engine.fork(first.run, at="write", changes={"asked": DRIVER})
    assert fork.output["basis"] == ""
    assert {claim.run for claim in known().all()} == {first.run}


async def test_what_another_key_asked_stays_theirs(
    ask: Ask, project: Project, models: ScriptedModels, known: Look
) -> None:
    docs = [project.root / "docs"]
    async with Engine(project, pool=models) as engine:
        await engine.ingest(docs)
        engine.enqueue("research", {"question": FEE}, terms=Terms(requested_by="ann"), docs=docs)
        claimed = queue.claim(engine.store)
        assert claimed is not None
        hers = await engine.carry(claimed)
    knowledge = known()
    (claim,) = knowledge.all()
    knowledge.say(claim, correction="99 euros", pinned=True)
    mine = await ask()
    assert hers.status == "answered" and mine.output["repeats"] == "" and "99" not in mine.output["answer"]


async def test_a_replay_sees_what_the_run_saw(ask: Ask, project: Project, models: ScriptedModels) -> None:
    await ask()
    second = await ask()
    edited(project.root / "docs")
    async with Engine(project, pool=models) as engine:
        await engine.ingest([project.root / "docs"])
        assert (await replay(engine, second.run)).identical
