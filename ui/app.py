"""The app: five places, a theme, one backend. Everything that happens to a run happens in another process."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from pathlib import Path

from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from agentflow.status import RunStatus

from .backend import Backend
from .messages import OpenReport, OpenRun, OpenSource
from .settings import load_theme, save_theme
from .themes import THEMES
from .widgets.top_bar import PLACES


def _screen(place: str) -> Screen[None]:
    """`HomeScreen` of screens/home.py for `home`, imported when it is first shown."""
    module = import_module(f".screens.{place}", __package__)
    screen: Screen[None] = getattr(module, f"{place.capitalize()}Screen")()
    return screen


class AgentflowApp(App[None]):
    TITLE = "agentflow"
    CSS_PATH = "styles.tcss"
    MODES = {place: partial(_screen, place) for place in PLACES}
    BINDINGS = [
        *[
            Binding(str(number), f"go('{name}')", label, show=False)
            for number, (name, label) in enumerate(PLACES.items(), 1)
        ],
        Binding("f1,question_mark", "help", "Help", key_display="F1"),
        Binding("ctrl+p", "command_palette", "Commands", show=False, priority=True),
        Binding("ctrl+t", "next_theme", "Theme", show=False),
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
    ]

    def __init__(
        self, backend: Backend, *, clock: Callable[[], float] = time.time, theme: str = "", open_run: str = ""
    ) -> None:
        super().__init__()
        self.backend = backend
        self.clock = clock
        self.open_run = open_run
        for look in THEMES:
            self.register_theme(look)
        self.theme = theme or load_theme({look.name for look in THEMES})

    def on_mount(self) -> None:
        self.switch_mode("home")
        if self.open_run:
            self.post_message(OpenRun(self.open_run))

    async def on_unmount(self) -> None:
        await self.backend.close()

    @on(OpenRun)
    async def show_run(self, message: OpenRun) -> None:
        from .screens.run import RunScreen

        screen = RunScreen(message.run, message.question)
        await (self.switch_screen(screen) if message.instead else self.push_screen(screen))

    @on(OpenReport)
    async def show_report(self, message: OpenReport) -> None:
        from .screens.report import ReportScreen

        await self.push_screen(ReportScreen(message.run))

    @on(OpenSource)
    async def show_source(self, message: OpenSource) -> None:
        from .screens.source import SourceScreen

        await self.push_screen(SourceScreen(message.place, message.quote))

    async def action_go(self, place: str) -> None:
        """To one of the five places; what was open there is closed."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.switch_mode(place)

    def action_leave(self) -> None:
        """Back to where one came from."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def action_help(self) -> None:
        from .screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def action_known(self, text: str = "") -> None:
        """What earlier runs verified, with the cursor on the claim that says `text`."""
        from .screens.knowledge import KnowledgeScreen

        self.push_screen(KnowledgeScreen(text))

    def action_command_palette(self) -> None:
        from .screens.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def action_next_theme(self) -> None:
        names = [look.name for look in THEMES]
        at = names.index(self.theme) if self.theme in names else -1
        self.choose_theme(names[(at + 1) % len(names)])

    def choose_theme(self, name: str) -> None:
        self.theme = name
        save_theme(name)

    async def action_quit(self) -> None:
        """A run goes on by itself in its own process; whoever wants it paused is asked."""
        from .screens.run import RunScreen

        screen = next((screen for screen in self.screen_stack if isinstance(screen, RunScreen)), None)
        if screen is None or screen.view.status is not RunStatus.RUNNING:
            self.exit()
            return
        from .screens.quit import Leaving

        self.push_screen(Leaving(), partial(self._leave_run, screen.run))

    async def _leave_run(self, run: str, choice: str | None) -> None:
        if choice == "pause":
            await self.backend.runs.pause(run)
        if choice:
            self.exit()

    def export_screenshot(self, *, title: str | None = None, simplify: bool = True) -> str:
        from .screenshot import slim

        return slim(super().export_screenshot(title=title, simplify=simplify))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        for name, label in PLACES.items():
            yield SystemCommand(f"Go to {label}", f"Open {label.lower()}", partial(self.action_go, name))
        yield SystemCommand("Known claims", "What earlier runs verified: correct, pin, retract", self.action_known)
        for look in THEMES:
            yield SystemCommand(f"Theme: {look.name}", "Change the colours", partial(self.choose_theme, look.name))
        yield SystemCommand("Help", "All keys of this screen", self.action_help)
        yield SystemCommand("Quit", "Leave; a run goes on by itself", self.action_quit)


def main(project: Path | None = None, *, run: str = "") -> None:
    """Opens the UI on a project's folder."""
    from .local.backend import LocalBackend
    from .terminal import prepare

    prepare()
    AgentflowApp(LocalBackend.open(project), open_run=run).run()
