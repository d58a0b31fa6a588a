"""A run as it happens: sub-questions, evidence, claims, tokens a second and what is left of the budget."""

import time
from typing import Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from agentflow import events
from agentflow.cli.progress_lines import ProgressLines
from agentflow.cli.terminal import Terminal
from agentflow.events import Event
from agentflow.usage import Usage

WIDTH = 100
SUPPORT_STYLE = {"supported": "green", "partial": "yellow", "contradicted": "red", "unsupported": "red"}


class LiveView:
    """A sink that draws on stderr while entered; document and model text is drawn as plain text, never as markup."""

    def __init__(self, console: Terminal) -> None:
        self.console = console
        self.started = time.monotonic()
        self.active: dict[str, str] = {}
        self.questions: dict[str, list[events.EvidenceFound]] = {}
        self.claims: dict[int, tuple[str, str]] = {}
        self.notes: list[str] = []
        self.progress: dict[str, events.Progress] = {}
        self.lines = ProgressLines(console)
        self.usage = Usage()
        self.speed = 0.0
        self.left: dict[str, float] = {}
        self.live = Live(get_renderable=self.render, console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        self.live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()

    def __call__(self, event: Event) -> None:
        match event:
            case events.StepStarted():
                self.active[event.step] = event.label or event.node
            case events.StepEnded():
                self.active.pop(event.step, None)
            case events.PlanMade():
                self.questions = {question: [] for question in event.questions}
            case events.EvidenceFound():
                self.questions.setdefault(event.question, []).append(event)
            case events.ClaimMade():
                self.claims[event.claim] = (event.text, "")
            case events.ClaimChecked() if event.claim in self.claims:
                self.claims[event.claim] = (self.claims[event.claim][0], event.support)
            case events.ModelAnswered():
                self.usage += event.usage
                self.speed = event.decode_speed or self.speed
            case events.BudgetChanged():
                self.left = event.left
            case events.Progress():
                self.progress[event.task] = event
                self.lines(event)
            case events.Note():
                self.notes = [*self.notes, event.text][-3:]

    def render(self) -> RenderableType:
        lines: list[RenderableType] = [
            self._progress(item) for item in self.progress.values() if item.done < item.total
        ]
        for question, found in self.questions.items():
            lines.append(Text.assemble(("● " if found else "○ ", "cyan"), question, (f"  {len(found)} quotes", "dim")))
            lines += [_quote(item) for item in found[:2]]
        lines += [_claim(text, support) for text, support in self.claims.values()]
        lines += [Text(f"! {note}", style="yellow") for note in self.notes]
        lines.append(Spinner("dots", Text.assemble((", ".join(self.active.values()) or "starting", "bold"))))
        lines.append(Text(self._meter(), style="dim"))
        return Group(*lines)

    def _meter(self) -> str:
        seconds = time.monotonic() - self.started
        left = "".join(f" · {value:,.0f} {name} left" for name, value in self.left.items())
        tokens = f"{self.usage.tokens:,} tokens ({self.usage.cache_rate:.0%} of the prompts cached)"
        speed = f" · decode {self.speed:,.0f} tokens/s" if self.speed else ""
        return f"{seconds:.0f} s · {tokens}{speed}{left}"

    def _progress(self, item: events.Progress) -> Text:
        share = item.done / item.total
        bar = "━" * int(share * 30)
        return Text.assemble(
            (f"{item.task} ", "bold"), (bar.ljust(30, "╌"), "cyan"), f" {item.done:,.0f}/{item.total:,.0f} {item.unit}"
        )


def _quote(item: events.EvidenceFound) -> Text:
    quote = " ".join(item.quote.split())[:WIDTH]
    return Text.assemble("    ", (f"{item.place} ", "dim"), f"“{quote}”")


def _claim(text: str, support: str) -> Text:
    return Text.assemble((f"  {support or 'checking'}  ", SUPPORT_STYLE.get(support, "dim")), text[:WIDTH])
