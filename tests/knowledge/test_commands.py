"""`agentflow knowledge` on a real project."""

import json

import pytest
from typer.testing import CliRunner

from agentflow.cli import app
from agentflow.errors import AgentflowError
from agentflow.knowledge.settings import use_of
from agentflow.project import Project
from tests.knowledge.conftest import DRIVER, FEE, Ask


async def test_a_claim_is_listed_shown_edited_retracted_restored_and_forgotten(ask: Ask, project: Project) -> None:
    runner = CliRunner()

    def said(*words: str) -> str:
        result = runner.invoke(app, ["knowledge", *words, "--project", str(project.root)])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "nothing is known" in said("list")
    await ask(FEE)
    await ask(DRIVER)
    (fee,) = json.loads(said("list", "berth", "--json"))
    assert fee["stands"] and fee["question"] == FEE
    assert "Ida Brandt" in said("list", "--run", "last") and "14 euros" not in said("list", "--run", "last")
    shown = said("show", fee["id"][:5])
    assert f"docs/fees.md:3 (sha256 {fee['quotes'][0]['sha256'][:12]})" in shown and fee["run"] in shown
    assert "corrected: 16 euros; note: by mail" in said("edit", fee["id"], "--correct", "16 euros", "--note", "by mail")
    assert said("edit", fee["id"], "--pin", "--correct", "").strip().endswith("(pinned; note: by mail)")
    assert said("list").startswith(fee["id"])
    assert "counts no more: a person: old" in said("retract", fee["id"], "--because", "old")
    assert fee["id"] not in said("list").split() and "1 that count no more" in said("list")
    assert "counts no more: a person: old" in said("list", "--all")
    assert "counts no more" not in said("restore", fee["id"])
    said("forget", fee["id"])
    assert "14 euros" not in said("list", "--all")


async def test_what_cannot_be_done_is_said(ask: Ask, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    await ask()
    runner = CliRunner()
    for words, told in (
        (("show", "nothing"), "'nothing' is no claim that is known here"),
        (("edit", "nothing"), "what is to be said"),
    ):
        failed = runner.invoke(app, ["knowledge", *words, "--project", str(project.root)])
        assert told in str(failed.exception)
    assert use_of(project.with_state(project.root / "measured")) == "off", "an evaluation measures each case afresh"
    monkeypatch.setenv("AGENTFLOW_KNOWLEDGE", "always")
    with pytest.raises(AgentflowError, match="'always'"):
        use_of(project)
