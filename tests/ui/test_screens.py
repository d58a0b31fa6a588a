"""Every view as a picture, in two sizes and two themes. `pytest --snapshot-update` after a change that is meant."""

from collections.abc import Callable
from typing import Any

import pytest
from agentflow.bundled.ui.app import AgentflowApp
from agentflow.bundled.ui.recorded import RecordedBackend
from agentflow.bundled.ui.screens.run import RunScreen
from agentflow.bundled.ui.widgets.rows import Rows
from pytest_textual_snapshot import SVGImageExtension
from textual.widgets import Input

OpenApp = Callable[..., AgentflowApp]
RUN = "20260301-101500-ab12"


async def settled(pilot: Any, ready: Callable[[], bool]) -> None:
    for _ in range(300):
        if ready():
            break
        await pilot.pause(0.02)
    assert ready(), type(pilot.app.screen).__name__
    for field in pilot.app.screen.query(Input):
        field.cursor_blink = False
    await pilot.pause(0.1)


def listed(app: AgentflowApp, id: str) -> bool:
    found = app.screen.query(f"#{id}")
    return bool(found) and found.first(Rows).highlighted is not None


@pytest.mark.slow  # what a view shows while it still fills depends on how busy the machine is
@pytest.mark.parametrize("theme", ["ink", "paper"])
@pytest.mark.parametrize("size", [(80, 24), (140, 42)], ids=["80x24", "140x42"])
async def test_every_view(
    backend: RecordedBackend, open_app: OpenApp, snapshot: Any, size: tuple[int, int], theme: str
) -> None:
    shots = snapshot.use_extension(SVGImageExtension)
    app = open_app(backend, theme)
    seen: list[str] = []

    async def shot(name: str) -> None:
        """A view may still be filling: it has some seconds to look like its picture."""
        for _ in range(40):
            await pilot.pause(0.1)
            if app.export_screenshot() == shots(name=name):
                return
        seen.append(name)

    async with app.run_test(size=size) as pilot:
        await settled(
            pilot, lambda: bool(app.screen.query("#runs")) and len(app.screen.query_one("#runs", Rows).rows) > 4
        )
        await pilot.press("escape")
        await settled(pilot, lambda: listed(app, "runs"))
        await shot("home")
        for key, place, list_id in (
            ("2", "corpus", "list"),
            ("3", "models", "list"),
            ("4", "workflows", "list"),
            ("5", "evals", "results"),
        ):
            await pilot.press(key)
            await settled(pilot, lambda id=list_id, place=place: app.current_mode == place and listed(app, id))  # type: ignore[misc]
            await shot(place)
        await app.push_screen(RunScreen(RUN))
        await settled(
            pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.view.ended and bool(app.screen.shape.nodes)
        )
        await shot("run")
        await pilot.press("o")
        await settled(pilot, lambda: listed(app, "findings"))
        await shot("report")
        await pilot.press("f1")
        await settled(pilot, lambda: type(app.screen).__name__ == "HelpScreen")
        await shot("help")
    assert not seen, f"these look different: {', '.join(seen)}"
