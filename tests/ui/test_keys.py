"""Every view by its keys alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from agentflow.bundled.ui.app import AgentflowApp
from agentflow.bundled.ui.backend import Ask
from agentflow.bundled.ui.fake_backend import RecordedBackend
from agentflow.bundled.ui.screens.report import ReportScreen
from agentflow.bundled.ui.screens.run import RunScreen
from agentflow.bundled.ui.widgets.rows import Rows
from agentflow.bundled.ui.widgets.source import SourceView
from agentflow.bundled.ui.widgets.step_detail import StepDetail
from textual.widgets import Input, TextArea
from textual.widgets._footer import FooterKey

from agentflow.events import DocumentsRead, Progress
from agentflow.models.addresses.status import AddressStatus
from tests.ui.waiting import until

OpenApp = Callable[..., AgentflowApp]
WIDE = (130, 40)


def marked(app: AgentflowApp) -> str:
    """Of the document that is shown; nothing while none is."""
    shown = [view for view in app.screen.query(SourceView) if view.display]
    return str(shown[0].text[slice(*shown[0].mark)]) if shown else ""


def name(app: AgentflowApp) -> str:
    return type(app.screen).__name__


async def test_an_empty_folder_is_led_to_its_documents_in_three_keys(
    empty_backend: RecordedBackend, open_app: OpenApp
) -> None:
    app = open_app(empty_backend)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.screen.query_one("#welcome").display)
        await pilot.press("escape", "2")
        await until(pilot, lambda: name(app) == "CorpusScreen")
        await pilot.press("1")
        await until(pilot, lambda: name(app) == "HomeScreen")
        await pilot.press("escape", "enter")
        await until(pilot, lambda: name(app) == "AddScreen" and app.screen.query_one(Rows).highlighted == 0)
        await pilot.press("enter")
        await until(pilot, lambda: name(app) == "HomeScreen" and not app.screen.query_one("#welcome").display)
        assert [row.title for row in empty_backend.documents.rows] == ["first", "second"]
        await until(pilot, lambda: app.focused is app.screen.query_one("#question"))


@pytest.mark.parametrize("width", [50, 80, 130])
async def test_no_key_at_the_bottom_is_cut(backend: RecordedBackend, open_app: OpenApp, width: int) -> None:
    app = open_app(backend)
    async with app.run_test(size=(width, 24)) as pilot:
        await app.push_screen(ReportScreen("20260301-101500-ab12"))
        await until(pilot, lambda: name(app) == "ReportScreen" and len(app.screen.query(FooterKey)) > 4)
        await pilot.pause()
        shown = [key for key in app.screen.query(FooterKey) if key.display]
        assert shown[-1].description == "Help" and shown[-2].description == "Back"
        assert all(key.region.right <= width for key in shown)
        assert len(shown) > {50: 2, 80: 4, 130: 8}[width]


async def test_from_a_question_to_its_citations(backend: RecordedBackend, open_app: OpenApp) -> None:
    app = open_app(backend)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "no limit" in str(app.screen.query_one("#wish").render()))
        await pilot.press(*"How long?", "enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.view.status == "answered")
        assert backend.runs.asked == [("start", Ask("research", {"question": "How long?"}))]
        await pilot.press("o")
        await until(
            pilot,
            lambda: isinstance(app.screen, ReportScreen) and marked(app).startswith("Raw sensor data is kept for 90"),
        )
        await pilot.press("right")
        await until(pilot, lambda: marked(app).endswith("the owner of the\nstation."))
        await pilot.press("d")
        await until(pilot, lambda: app.screen.query_one("#right").display)
        both = [view.text[slice(*view.mark)] for view in app.screen.query(SourceView)]
        assert both == [
            "Raw sensor data is kept for 90 days and then deleted.",
            "All raw sensor data is kept for 180 days on the primary cluster.",
        ]
        await pilot.press("escape", "escape")
        await until(pilot, lambda: name(app) == "HomeScreen")


async def test_a_waiting_plan_is_edited_in_place(backend: RecordedBackend, open_app: OpenApp) -> None:
    app = open_app(backend)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: bool(app.screen.query_one("#runs", Rows).rows))
        await pilot.press("escape", "enter")
        await until(pilot, lambda: name(app) == "ApproveScreen")
        app.screen.query_one(TextArea).text += "\nIs there a fourth?"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(backend.runs.asked))
        verb, answer = backend.runs.asked[0]
        assert verb == "resume" and answer["plan"][-1] == "Is there a fourth?" and len(answer["plan"]) == 4


async def test_a_run_is_steered_by_single_keys(backend: RecordedBackend, open_app: OpenApp) -> None:
    run = next(iter(backend.runs.runs))
    recorded = backend.runs.runs[run]
    backend.runs.runs[run] = replace(recorded, events=recorded.events[:-1])
    app = open_app(backend)
    app.open_run = run
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and len(app.screen.view.claims) == 4)
        for key, panel in (("t", "text"), ("e", "evidence"), ("c", "claims"), ("s", "steps")):
            await pilot.press(key)
            assert app.screen.query_one(f"#{panel}").has_class("-shown") and app.focused is app.screen.query_one(
                f"#{panel}"
            )
        await pilot.press("c", "down", "down", "enter")
        await until(pilot, lambda: app.focused is app.screen.query_one("#evidence"))
        assert "data protection officer" in (app.screen.query_one("#evidence", Rows).chosen or "")
        await pilot.press("s", "down")
        await until(
            pilot, lambda: app.screen.query_one("#text", StepDetail).step == app.screen.view.steps["001-plan-0a1b2c1"]
        )
        await pilot.press("s")
        await until(pilot, lambda: app.screen.query_one("#text", StepDetail).step.node == "check")
        await pilot.press("p", "x", "y")
        await until(pilot, lambda: [verb for verb, _ in backend.runs.asked] == ["pause", "cancel"])
        await pilot.press("e", "down", "enter")
        await until(pilot, lambda: name(app) == "SourceScreen" and bool(marked(app)))
        await pilot.press("escape", "ctrl+q")
        await until(pilot, lambda: name(app) == "Leaving")
        await pilot.press("p")
        await until(pilot, lambda: not app.is_running)
    assert [verb for verb, _ in backend.runs.asked] == ["pause", "cancel", "pause"]


async def test_a_finished_run_is_forked_and_asked_again(backend: RecordedBackend, open_app: OpenApp) -> None:
    app = open_app(backend)
    app.open_run = next(iter(backend.runs.runs))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.view.ended)
        await pilot.press("f")
        await until(pilot, lambda: bool(backend.runs.asked))
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.view.ended)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, ReportScreen) and bool(app.screen.findings.claims))
        await pilot.press("u", *"And why?", "enter")
        await until(pilot, lambda: len(backend.runs.asked) == 2)
        assert [verb for verb, _ in backend.runs.asked] == ["fork", "follow up"]


async def test_documents_are_searched_removed_and_their_faults_told(
    backend: RecordedBackend, open_app: OpenApp
) -> None:
    app = open_app(backend)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("escape", "2")
        await until(
            pilot,
            lambda: name(app) == "CorpusScreen" and app.screen.query_one("#list", Rows).chosen == "scans/1998.pdf",
        )
        assert "pictures" in str(app.screen.query_one("#reason").render())
        await pilot.press("slash", *"exceptions form", "enter")
        await until(pilot, lambda: app.screen.query_one("#list", Rows).chosen == "hit-0" and bool(marked(app)))
        await pilot.press("escape", "down", "x", "y")
        await until(pilot, lambda: bool(backend.documents.asked))
        assert backend.documents.asked[0][0] == "remove"


async def test_models_start_stop_and_are_tried(backend: RecordedBackend, open_app: OpenApp) -> None:
    app = open_app(backend)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("escape", "3")
        await until(pilot, lambda: name(app) == "ModelsScreen" and app.screen.query_one("#list", Rows).highlighted == 0)
        await pilot.press("t")
        await until(pilot, lambda: "118 tokens/s" in str(app.screen.query_one("#about Static").render()))
        await pilot.press("down", "s")
        await until(pilot, lambda: backend.models.rows[1].state == "running")
        await pilot.press("x")
        await until(pilot, lambda: backend.models.rows[1].state == "stopped")


async def test_a_model_shows_each_of_its_addresses(backend: RecordedBackend, open_app: OpenApp) -> None:
    backend.models.rows[0] = replace(backend.models.rows[0], addresses=3)
    backend.models.states["starter"] = [
        AddressStatus("http://gpu1:8000/v1", "answers", "", 0.01, 3, 1),
        AddressStatus("http://gpu2:8000/v1", "silent", "no server answers"),
        AddressStatus("http://gpu3:8000/v1", "drained"),
    ]
    app = open_app(backend)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("escape", "3")
        await until(pilot, lambda: name(app) == "ModelsScreen" and "drained" in about(app))
        assert "● http://gpu1:8000/v1 · answers · 3 running, 1 waiting" in about(app)
        assert "✗ http://gpu2:8000/v1 · silent: no server answers" in about(app)
        assert "‖ http://gpu3:8000/v1 · drained" in about(app)


def about(app: AgentflowApp) -> str:
    return str(app.screen.query_one("#about Static").render())


async def test_a_workflow_is_run_from_a_form_of_its_inputs(backend: RecordedBackend, open_app: OpenApp) -> None:
    app = open_app(backend)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("escape", "4")
        await until(
            pilot, lambda: name(app) == "WorkflowsScreen" and app.screen.query_one("#list", Rows).highlighted == 0
        )
        await pilot.press("enter")
        await until(pilot, lambda: name(app) == "Form")
        await pilot.press("ctrl+s")
        assert "needed" in str(app.screen.query_one("#problem").render())
        await pilot.press(*"Why?", "ctrl+s")
        await until(pilot, lambda: bool(backend.runs.asked))
        assert backend.runs.asked[0][1] == Ask("research", {"question": "Why?", "k": 8, "approve": False})


async def test_two_evaluations_are_compared(backend: RecordedBackend, open_app: OpenApp) -> None:
    app = open_app(backend)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("escape", "5")
        await until(
            pilot, lambda: name(app) == "EvalsScreen" and app.screen.query_one("#results", Rows).highlighted == 0
        )
        await pilot.press("space", "down", "space", "c")
        await until(pilot, lambda: "+0.17" in str(app.screen.query_one("#about Static").render()))


async def test_options_history_themes_help_and_palette(
    backend: RecordedBackend, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    app = open_app(backend)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: bool(app.screen.query_one("#runs", Rows).rows))
        await pilot.press("up")
        assert app.screen.query_one("#question", Input).value.startswith("How long may Kestrel")
        await pilot.press("ctrl+o")
        await until(pilot, lambda: name(app) == "Options")
        app.screen.query_one("#tokens", Input).value = "5000"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "5,000 tokens" in str(app.screen.query_one("#wish").render()))
        await pilot.press("ctrl+t")
        assert app.theme == "paper" and '"paper"' in next(iter(tmp_path.rglob("ui.json"))).read_text()  # type: ignore[attr-defined]
        await pilot.press("f1")
        await until(pilot, lambda: name(app) == "HelpScreen")
        await pilot.press("escape", "ctrl+p")
        await until(pilot, lambda: name(app) == "Palette")


async def test_w_keeps_the_folders_up_to_date_until_it_is_pressed_again(
    backend: RecordedBackend, open_app: OpenApp
) -> None:
    backend.documents.changes = [
        DocumentsRead(added=["new.md"], changed=[], removed=[], failed=[], unchanged=0, passages=3, seconds=0.1),
        Progress(task="embeddings", done=1, total=3),
    ]
    app = open_app(backend)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("escape", "2")
        await until(pilot, lambda: name(app) == "CorpusScreen" and bool(app.screen.query_one("#list", Rows).rows))
        rows = app.screen.query_one("#list", Rows)
        await pilot.press("w")
        await until(pilot, lambda: "watching, vectors 1 of 3" in str(rows.border_subtitle))
        await pilot.press("w")
        await until(pilot, lambda: "watching" not in str(rows.border_subtitle))
        assert [what for what, _ in backend.documents.asked] == ["watch", "unwatch"]
