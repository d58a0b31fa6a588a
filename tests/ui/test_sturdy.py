"""R18: tiny screens, storms of resizes, what cannot be had: no traceback, and the run is kept."""

import random
from collections.abc import AsyncIterator, Callable

import pytest
from agentflow.bundled.ui.app import AgentflowApp
from agentflow.bundled.ui.fake_backend import RecordedBackend, RecordedRuns
from agentflow.bundled.ui.screens.report import ReportScreen
from agentflow.bundled.ui.screens.run import RunScreen
from textual.command import CommandList, CommandPalette

from agentflow.errors import AgentflowError
from agentflow.events import Event
from tests.ui.waiting import until

OpenApp = Callable[..., AgentflowApp]


@pytest.mark.parametrize("size", [(80, 20), (20, 5), (1, 1)])
async def test_small_screens_hold_every_view(
    backend: RecordedBackend, open_app: OpenApp, size: tuple[int, int]
) -> None:
    app = open_app(backend)
    run = next(iter(backend.runs.runs))
    async with app.run_test(size=size) as pilot:
        await pilot.press("escape")
        for key in "2345":
            await pilot.press(key)
        for screen in (RunScreen(run), ReportScreen(run)):
            await app.push_screen(screen)
            await pilot.pause(0.2)
        await pilot.press("d", "right", "m", "f1", "escape", "escape", "t", "e", "c", "s")
        assert app.is_running


async def test_a_storm_of_resizes_changes_nothing(backend: RecordedBackend, open_app: OpenApp) -> None:
    app = open_app(backend)
    run = next(iter(backend.runs.runs))
    chance = random.Random(1)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(RunScreen(run))
        for _ in range(25):
            await pilot.resize_terminal(chance.randint(1, 200), chance.randint(1, 60))
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and len(app.screen.view.claims) == 4)


async def test_a_command_palette_that_is_closed_before_its_search_begins(
    backend: RecordedBackend, open_app: OpenApp
) -> None:
    app = open_app(backend)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+p")
        palette = app.screen
        assert isinstance(palette, CommandPalette)
        await palette.query_one(CommandList).remove()
        await palette._gather_commands("").wait()
        assert app.is_running


class Broken(RecordedRuns):  # type: ignore[misc] # agentflow.bundled has its modules at run time only
    """What a person can mend, from every side: a killed process, a full disk, a run that is gone."""

    async def follow(self, run: str) -> AsyncIterator[list[Event]]:
        yield self._find(run).events[:40]
        raise AgentflowError("the process of this run is gone", "press r to go on")

    async def pause(self, run: str) -> None:
        raise AgentflowError("no room to write agentflow.db: 0.0 MB free", "free some space")

    result = cancel = resume = fork = pause


async def test_what_fails_is_said_and_the_view_stays(backend: RecordedBackend, open_app: OpenApp) -> None:
    backend.runs = Broken(backend.runs.runs)
    app = open_app(backend)
    run = next(iter(backend.runs.runs))
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(RunScreen(run))
        await until(pilot, lambda: "is gone. press r" in str(app.screen.query_one("#note").render()))
        assert isinstance(app.screen, RunScreen)
        await pilot.press("p", "x", "y", "r", "f", "o")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.view.evidence)
        assert app.is_running


async def test_a_run_that_is_not_there_is_said(backend: RecordedBackend, open_app: OpenApp) -> None:
    app = open_app(backend)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(RunScreen("nothing"))
        await until(pilot, lambda: "no run nothing" in str(app.screen.query_one("#note").render()))
