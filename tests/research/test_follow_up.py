"""A follow-up is a run of its own: on the same documents, with its own quotes, and it names the run before.

The model words one follow-up well and invents in the other, which is then put by rule.
"""

from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.research.question.follow_up import earlier_of
from agentflow.runs.outcome import Outcome
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels
from agentflow.usage import Usage

LOG = "# Audit log\n\nThe audit log is kept for seven years.\nOnly the data officer may read it.\n"
MAIL = "# Mail\n\nThe mail log is kept for one day.\nAnyone may read it.\n"
SAYS = {"long": ("seven years", "seven years"), "read": ("the data officer", "data officer")}


def reader(request: Request) -> Any:
    """Answers the last line of the prompt from the sentence that it knows."""
    *shown, question = request.messages[-1].content.split("\n")
    if question.startswith("Follow-up"):
        right = "who may read it" in question
        return {"question": "Who may read the audit log?" if right else "How long did Napoleon keep it?"}
    if request.schema and "support" in request.schema["properties"]:
        return {"support": "supported"}
    for word, (answer, held) in SAYS.items():
        numbers = [line.strip()[1 : line.strip().index("]")] for line in shown if line.startswith("[") and held in line]
        if word in question and numbers:
            return {"answer": answer, "sentence": int(numbers[0])}
    return {"answer": "", "sentence": 0}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "docs").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "docs" / "audit.md").write_text(LOG)
    (tmp_path / "other" / "mail.md").write_text(MAIL)
    (tmp_path / "models.yaml").write_text("models: {}\n")
    return Project(tmp_path)


async def test_a_chain_of_follow_ups(project: Project) -> None:
    async with Engine(project, pool=ScriptedModels(reader)) as engine:
        await engine.ingest([project.root / "docs", project.root / "other"])
        docs = [project.root / "docs"]
        first = await engine.run("research", {"question": "How long is the audit log kept?"}, docs=docs)
        second = await engine.follow_up("last", "and who may read it?")
        third = await engine.follow_up(second.run[-6:], "and how long is it kept?")
        scope = engine.store.load(third.run).scope
    assert second.output["question"] == "and who may read it?"
    assert second.output["answer"] == "the data officer"
    assert second.output["plan"] == ["Who may read the audit log?"]
    assert second.output["follows"]["run"] == first.run
    assert second.output["evidence"][0]["quote"] == "Only the data officer may read it."
    assert second.output["claims"][0]["evidence"] == [1]
    assert third.output["follows"] | {"answer": ""} == {
        "run": second.run, "question": "Who may read the audit log?", "answer": "",
        "asked": "how long is the audit log kept?",
    }  # fmt: skip
    assert third.output["answer"] == "seven years"
    assert scope == {"roots": ["docs"]}


async def test_last_is_the_newest_answer_and_only_answers_are_asked_about(project: Project) -> None:
    async with Engine(project, pool=ScriptedModels(reader)) as engine:
        with pytest.raises(AgentflowError, match="nothing was answered here yet"):
            await engine.follow_up("last", "and why?")
        await engine.ingest([project.root / "docs"])
        found = await engine.run("research", {"question": "How long is the audit log kept?"})
        other = await engine.run("direct", {"question": "How long is a day?"})
        waiting = await engine.run("research", {"question": "How long is a log kept?", "approve": True})
        assert (await engine.follow_up("last", "who may read it?")).output["follows"]["run"] == found.run
        with pytest.raises(AgentflowError, match="no sources"):
            await engine.follow_up(other.run, "and why?")
        with pytest.raises(AgentflowError, match="paused"):
            await engine.follow_up(waiting.run, "and why?")


@pytest.mark.parametrize(("status", "hint"), [("paused", "agentflow resume r"), ("done", "ask about a run of")])
def test_a_run_without_an_answer_says_what_to_do(status: str, hint: str) -> None:
    with pytest.raises(AgentflowError, match="no answer to ask about") as caught:
        earlier_of(Outcome("r", RunStatus(status), {}, Usage(), 0.0, ""))
    assert hint in caught.value.hint
