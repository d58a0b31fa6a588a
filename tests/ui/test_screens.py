"""Every view as a picture, in two sizes and two themes. `pytest --snapshot-update` after a change that is meant."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from agentflow.bundled.ui.app import AgentflowApp
from agentflow.bundled.ui.fake_backend import RecordedBackend
from agentflow.bundled.ui.screens.help import HelpScreen
from agentflow.bundled.ui.screens.report import ReportScreen
from agentflow.bundled.ui.screens.run import RunScreen
from agentflow.bundled.ui.widgets.rows import Rows
from pytest_textual_snapshot import SVGImageExtension

OpenApp = Callable[..., AgentflowApp]
RUN = "20260301-101500-ab12"
LOOKS = 5  # how often in a row nothing may be left to do


def is_idle(app: AgentflowApp) -> bool:
    """No worker runs, no message waits, nothing is to be laid out or drawn."""
    screen = app.screen
    nodes = [app, screen, *screen.walk_children()]
    return (
        all(worker.is_finished for worker in app.workers)
        and not any(node.message_queue_size or node._next_callbacks for node in nodes)
        and not (screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks)
    )


async def settled(app: AgentflowApp, ready: Callable[[], bool]) -> None:
    """The view is there and has come to rest, however long that takes on a busy machine."""
    calm = 0
    async with asyncio.timeout(120):
        while calm < LOOKS:
            await asyncio.sleep(0.01)
            calm = calm + 1 if ready() and is_idle(app) else 0


def listed(app: AgentflowApp, id: str) -> bool:
    found = app.screen.query(f"#{id}")
    return bool(found) and found.first(Rows).highlighted is not None


@pytest.mark.parametrize("theme", ["ink", "paper"])
@pytest.mark.parametrize("size", [(80, 24), (140, 42)], ids=["80x24", "140x42"])
async def test_every_view(
    backend: RecordedBackend, open_app: OpenApp, snapshot: Any, size: tuple[int, int], theme: str
) -> None:
    shots = snapshot.use_extension(SVGImageExtension)
    app = open_app(backend, theme)
    app.animation_level = "none"
    different: list[str] = []

    def shot(name: str) -> None:
        if app.export_screenshot() != shots(name=name):
            different.append(name)

    async with app.run_test(size=size) as pilot:
        await settled(
            app, lambda: bool(app.screen.query("#runs")) and len(app.screen.query_one("#runs", Rows).rows) > 4
        )
        await pilot.press("escape")
        await settled(app, lambda: listed(app, "runs"))
        shot("home")
        for key, place, rows in (
            ("2", "corpus", "list"),
            ("3", "models", "list"),
            ("4", "workflows", "list"),
            ("5", "evals", "results"),
        ):
            await pilot.press(key)
            await settled(app, lambda rows=rows, place=place: app.current_mode == place and listed(app, rows))  # type: ignore[misc]
            shot(place)
        await app.push_screen(RunScreen(RUN))
        await settled(app, lambda: isinstance(app.screen, RunScreen) and app.screen.view.ended)
        shot("run")
        await pilot.press("o")
        await settled(app, lambda: isinstance(app.screen, ReportScreen) and listed(app, "findings"))
        shot("report")
        await pilot.press("f1")
        await settled(app, lambda: isinstance(app.screen, HelpScreen))
        shot("help")
    assert not different, f"these look different: {', '.join(different)}"
