"""A plan: the parts, and which fault befalls which of them when. Drawn from a seed, or written by hand."""

import random
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from agentflow.storage.strict import Closed
from agentflow.storage.yamlfile import check, load_yaml

Kind = Literal["delay", "drop", "cut", "stop", "kill"]
OF_LINKS: tuple[Kind, ...] = ("delay", "drop", "cut")
OF_PROCESSES: tuple[Kind, ...] = ("stop", "kill")


class Part(Closed):
    """A process (`run`), the link that leads to it (`listen`, `to`), or both: whoever asks it asks `listen`."""

    run: str = Field(default="", description="the command that starts it")
    folder: Path = Field(default=Path("."), description="where it is started, from the plan's folder")
    listen: int = Field(default=0, ge=0, le=65535, description="the link's port on 127.0.0.1")
    to: int | str = Field(
        default=0, description="where the link leads: a port, HOST:PORT, or the path of a Unix socket"
    )

    @model_validator(mode="after")
    def whole(self) -> "Part":
        if bool(self.listen) != bool(self.to):
            raise ValueError("listen and to go together")
        if not self.run and not self.listen:
            raise ValueError("a part has a process (run), a link (listen and to) or both")
        return self

    @property
    def faults(self) -> tuple[Kind, ...]:
        return (OF_LINKS if self.listen else ()) + (OF_PROCESSES if self.run else ())


class PlannedFault(Closed):
    """`delay`: what goes over the link comes `by` seconds later. `drop`: nothing passes, nobody is told, and what was held
    back comes afterwards, as TCP sends again. `cut`: connections break, new ones are refused. `stop`, `kill`: SIGSTOP and
    SIGKILL to the process and its children; it goes on, or starts again, after `seconds`."""

    do: Kind
    part: str
    at: float | dict[str, int] = Field(
        default=0.0, description="seconds from the start, or {LINK: N}: once N pieces were sent over a link"
    )
    seconds: float = Field(default=1.0, ge=0, le=3600, description="how long it lasts")
    by: float = Field(default=0.5, gt=0, le=60, description="of delay")


class Draw(Closed):
    """Faults that a seed decides: the same seed, the same faults."""

    seed: int = 1
    faults: int = Field(default=10, ge=1, le=10_000)
    within: float = Field(default=60.0, gt=0, description="seconds from the start")
    longest: float = Field(default=5.0, gt=0, description="seconds that a fault lasts at most")
    parts: list[str] = Field(default_factory=list, description="which of them; empty for all")


class Plan(Closed):
    """`until` names the part whose end ends it all."""

    parts: dict[str, Part] = Field(min_length=1)
    until: str = ""
    faults: list[PlannedFault] = Field(default_factory=list)
    draw: Draw | None = None

    @model_validator(mode="after")
    def consistent(self) -> "Plan":
        links = [name for name, part in self.parts.items() if part.listen]
        named = [fault.part for fault in self.faults] + (self.draw.parts if self.draw else [])
        if unknown := next((name for name in [*named, self.until] if name and name not in self.parts), None):
            raise ValueError(f"there is no part '{unknown}'; there are {', '.join(self.parts)}")
        if self.until and not self.parts[self.until].run:
            raise ValueError(f"'{self.until}' has no process (run) whose end could be waited for")
        for fault in self.faults:
            if fault.do not in self.parts[fault.part].faults:
                need = "link (listen and to)" if fault.do in OF_LINKS else "process (run)"
                raise ValueError(f"'{fault.part}' has no {need} to {fault.do}")
            if isinstance(fault.at, dict) and not (len(fault.at) == 1 and set(fault.at) <= set(links)):
                raise ValueError(f"`at` takes seconds, or one link and a number; links: {', '.join(links) or 'none'}")
        return self

    def drawn(self, seed: int | None = None) -> "Plan":
        """With the faults that its seed (or another) decides, written out."""
        draw = self.draw
        if draw is None:
            return self
        dice = random.Random(draw.seed if seed is None else seed)
        names = draw.parts or list(self.parts)
        moments = sorted(round(dice.uniform(0, draw.within), 2) for _ in range(draw.faults))
        more = []
        for at in moments:
            name = dice.choice(names)
            kind, seconds = dice.choice(self.parts[name].faults), round(dice.uniform(0, draw.longest), 2)
            more.append(PlannedFault(do=kind, part=name, at=at, seconds=seconds))
        return self.model_copy(update={"faults": [*self.faults, *more], "draw": None})


def load_plan(path: Path) -> Plan:
    """Raises ConfigError, naming the line, for what is no plan."""
    data, marks = load_yaml(path)
    return check(Plan, data, marks)
