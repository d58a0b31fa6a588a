"""What is known, by its keys: on a recording, and on a real project's database."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from agentflow.bundled.ui.app import AgentflowApp
from agentflow.bundled.ui.fake_backend import RecordedBackend, RecordedKnown
from agentflow.bundled.ui.known import KnownRow
from agentflow.bundled.ui.local.backend import LocalBackend
from agentflow.bundled.ui.screens.knowledge import KnowledgeScreen
from agentflow.bundled.ui.widgets.rows import Rows
from textual.widgets import Input

from agentflow.engine import Engine
from agentflow.knowledge.known_claim import KnownClaim
from agentflow.project import Project
from agentflow.research.report.schema import Quoted
from agentflow.testing import ScriptedModels
from tests.ui.waiting import until

OpenApp = Callable[..., AgentflowApp]
KEPT = "Raw sensor data is kept for 90 days."
QUOTE = Quoted(
    quote="Raw sensor data is kept for 90 days and then deleted.",
    path="docs/policy.md",
    sha256="0" * 64,
    start=70,
    line=7,
    page=None,
)
CLAIM = KnownClaim("1a2b3c4d", KEPT, "How long is it kept?", "90 days", "run", 1.8e9, "", (QUOTE,))


def shown(app: AgentflowApp) -> str:
    return "\n".join(str(row.content) for row in app.screen.query_one("#claims", Rows).rows)


async def test_a_claim_of_a_report_is_corrected_annotated_pinned_and_retracted(
    backend: RecordedBackend, open_app: OpenApp
) -> None:
    other = replace(CLAIM, id="ffff0000", text="Backups are rotated every thirty days.")
    backend = replace(backend, known=RecordedKnown([KnownRow(other, "docs/old.md is gone"), KnownRow(CLAIM)]))
    app = open_app(backend)
    app.open_run = next(iter(backend.runs.runs))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.screen.query_one("#claims"))
        await pilot.press("o")
        await until(pilot, lambda: app.screen.query_one("#findings", Rows).chosen == "claim-0")
        await pilot.press("c")
        await until(pilot, lambda: app.screen.query_one("#claims", Rows).chosen == CLAIM.id)
        await pilot.press("c")
        await until(pilot, lambda: app.screen.query_one(Input).has_focus)
        await pilot.press(*"60 days", "enter")
        await until(pilot, lambda: backend.known.rows[1].claim.correction == "60 days")
        await until(pilot, lambda: isinstance(app.screen, KnowledgeScreen))
        await pilot.press("a")
        await until(pilot, lambda: app.screen.query_one(Input).has_focus)
        await pilot.press(*"by mail", "enter")
        await until(pilot, lambda: backend.known.rows[1].claim.note == "by mail")
        await until(pilot, lambda: isinstance(app.screen, KnowledgeScreen))
        await pilot.press("p", "x")
        await until(pilot, lambda: backend.known.rows[1].fault == "it is wrong")
        assert backend.known.rows[1].claim.pinned
        await pilot.press("x")
        await until(pilot, lambda: not backend.known.rows[1].fault)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.query_one("#findings"))


async def test_on_a_real_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTFLOW_KNOWLEDGE", "same")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "mill.md").write_text("# Mill\n\nThe mill turns 40 times a minute.\n")
    (tmp_path / "models.yaml").write_text("models: {}\n")
    backend = LocalBackend.open(tmp_path)
    assert await backend.known.all() == []
    models = ScriptedModels(lambda _: {"answer": "40 times", "sentence": 1})
    async with Engine(Project(tmp_path), pool=models) as engine:
        await engine.ingest([tmp_path / "docs"])
        await engine.run("research", {"question": "How often does the mill turn?"})
    (row,) = await backend.known.all()
    assert row.claim.quotes[0].quote == "The mill turns 40 times a minute." and not row.fault
    await backend.known.say(row.claim.id, correction="41 times")
    (tmp_path / "docs" / "mill.md").unlink()
    (row,) = await backend.known.all()
    assert (row.claim.correction, row.fault) == ("41 times", "docs/mill.md is gone")
    await backend.close()
