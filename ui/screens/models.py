"""Models: what may answer, what runs, whether it fits; start, stop, log and a short trial."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from agentflow.errors import AgentflowError
from agentflow.events import Event, Note, Progress

from ..backend import ModelRow
from ..text import line, plain
from ..themes import sign
from ..widgets.hanging import Hanging, hang
from ..widgets.rows import Row, Rows
from .base import BaseScreen

if TYPE_CHECKING:
    from agentflow.models.addresses.status import AddressStatus

REFRESH = 3.0  # seconds
ADDRESS_STATES = {"answers": "running", "silent": "failed", "drained": "paused", "stopped": "stopped"}


class ModelsScreen(BaseScreen):
    PLACE = "models"
    CSS_PATH = "models.tcss"
    BINDINGS = [
        Binding("s", "start", "Start"),
        Binding("x", "stop", "Stop"),
        Binding("t", "speed", "Try it"),
        Binding("r", "look", "Refresh", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.models: list[ModelRow] = []
        self.tried: dict[str, str] = {}
        self.doing: dict[str, str] = {}
        self.addresses: dict[str, list[AddressStatus]] = {}

    def body(self) -> ComposeResult:
        with Horizontal(id="sides"):
            yield Rows(id="list", classes="panel", spaced=True, empty="No models: write a models.yaml.")
            with VerticalScroll(id="about", classes="panel"):
                yield Static(Content(""), markup=False)

    def on_mount(self) -> None:
        self.query_one("#list").border_title = "Models"
        self.query_one("#list").focus()
        self.set_interval(REFRESH, self.action_look)

    def on_screen_resume(self) -> None:
        self.action_look()

    @property
    def chosen(self) -> ModelRow | None:
        key = self.query_one("#list", Rows).chosen
        return next((row for row in self.models if row.name == key), None)

    @work(exclusive=True, group="look")
    async def action_look(self) -> None:
        try:
            self.models = await self.backend.models.all()
            rows = self.query_one("#list", Rows)
            rows.show([Row(row.name, _model(row)) for row in self.models])
            if rows.highlighted is None and self.models:
                rows.highlighted = 0
            await self.describe()
            self.look_at_addresses()
        except AgentflowError as error:
            self.query_one("#about Static", Static).update(
                Content.styled(line(f"{error.message}. {error.hint}"), "$text-error")
            )

    @work(exclusive=True, group="addresses")
    async def look_at_addresses(self) -> None:
        """Asks each address of a model that has several."""
        if (row := self.chosen) is None or row.addresses == 1:
            return
        self.addresses[row.name] = await self.backend.models.addresses(row.name)
        await self.describe()

    @on(OptionList.OptionHighlighted, "#list")
    async def moved(self) -> None:
        await self.describe()
        self.look_at_addresses()

    async def describe(self) -> None:
        if (row := self.chosen) is None:
            return
        log = await self.backend.models.log(row.name) if row.state == "running" else ""
        self.query_one("#about").border_title = Content(row.name)
        self.query_one("#about Static", Static).update(
            _about(
                row, self.addresses.get(row.name, []), self.doing.get(row.name, ""), self.tried.get(row.name, ""), log
            )
        )

    async def action_start(self) -> None:
        if (row := self.chosen) is not None:
            self.run_job(row.name, "starting …", self.backend.models.start(row.name))

    @work(group="job")
    async def run_job(self, name: str, saying: str, events: AsyncIterator[Event]) -> None:
        """Shows how far it is; what goes wrong is said."""
        self.doing[name] = saying
        await self.describe()
        try:
            async for event in events:
                if isinstance(event, Progress):
                    self.doing[name] = f"{line(event.task)} {event.done:,.0f}" + (
                        f" of {event.total:,.0f} {line(event.unit)}" if event.total else ""
                    )
                elif isinstance(event, Note):
                    self.doing[name] = line(event.text)
                await self.describe()
        except AgentflowError as error:
            self.say(f"{error.message}. {error.hint}", severity="error")
        del self.doing[name]
        self.action_look()

    async def action_stop(self) -> None:
        if (row := self.chosen) is not None:
            with self.attempt(f"{row.name} stopped"):
                await self.backend.models.stop(row.name)
                self.action_look()

    @work(group="job")
    async def action_speed(self) -> None:
        if (row := self.chosen) is None:
            return
        self.doing[row.name] = "asking it a few things …"
        await self.describe()
        try:
            self.tried[row.name] = await self.backend.models.speed(row.name)
        except AgentflowError as error:
            self.say(f"{error.message}. {error.hint}", severity="error")
        del self.doing[row.name]
        self.action_look()


def _model(row: ModelRow) -> Hanging:
    roles = f"  {', '.join(row.roles)}" if row.roles else ""
    facts = f"\n{row.serve} · {row.kind} · {row.context:,} tokens"
    style = "$text-warning" if row.fits is False else "$text-muted"
    return hang(
        _sign(row.state),
        (row.name, "bold" if row.state == "running" else ""),
        (roles, "$accent"),
        (facts, "$text-muted"),
        (f" · {row.fit}" if row.fit else "", style),
    )


def _sign(state: str) -> tuple[str, str]:
    mark, style = sign(state)
    return f"{mark} ", style


def _address(one: "AddressStatus") -> Content:
    mark, style = sign(ADDRESS_STATES[one.state])
    load = "" if one.running is None else f" · {one.running} running, {one.waiting or 0} waiting"
    why = f": {line(one.detail)}" if one.detail else ""
    return Content.assemble((f"{mark} ", style), line(one.name), (f" · {one.state}{load}{why}", "$text-muted"))


def _about(row: ModelRow, addresses: "Sequence[AddressStatus]", doing: str, tried: str, log: str) -> Content:
    parts = [Content.assemble((line(row.description) or row.name, "bold"), "\n", (line(row.weights), "$text-muted"))]
    if addresses:
        parts.append(Content("\n").join([Content.styled("Addresses", "bold $primary"), *map(_address, addresses)]))
    if doing:
        parts.append(Content.styled(f"● {doing}", "$accent"))
    if tried:
        parts.append(Content.assemble(("Trial\n", "bold $primary"), plain(tried)))
    if log:
        tail = "\n".join(plain(log).strip().splitlines()[-30:])
        parts.append(Content.assemble(("Log\n", "bold $primary"), (tail, "$text-muted")))
    elif row.state == "stopped":
        parts.append(
            Content.styled("Not running. A run starts it by itself; s starts it now and keeps it.", "$text-muted")
        )
    return Content("\n\n").join(parts)
