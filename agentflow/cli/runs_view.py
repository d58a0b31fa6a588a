"""Runs as tables and lines for people. Text of models and documents is drawn as it is, never as markup."""

import time
from collections.abc import Sequence
from textwrap import shorten

from rich.table import Table
from rich.text import Text

from agentflow import events
from agentflow.cli.asking import show_question
from agentflow.cli.output import show_markdown
from agentflow.cli.terminal import Terminal
from agentflow.events import Event
from agentflow.runs.diff import Change, RunDifference
from agentflow.runs.leases import state_of
from agentflow.runs.outcome import Outcome
from agentflow.runs.run import Run
from agentflow.runs.step_summary import StepRecord
from agentflow.status import RunStatus

STYLES: dict[str, str] = {
    RunStatus.ANSWERED: "green", RunStatus.DONE: "green", RunStatus.INSUFFICIENT: "yellow", RunStatus.PAUSED: "cyan",
    RunStatus.RUNNING: "blue", RunStatus.INTERRUPTED: "magenta", RunStatus.FAILED: "red", RunStatus.CANCELLED: "red",
    RunStatus.QUEUED: "blue", RunStatus.DEAD: "red",
}  # fmt: skip
WIDE = 110  # columns of a window that hold every column of the list
NARROW = 70  # with fewer, when it was started gives way too


def show_list(runs: Sequence[Run]) -> None:
    """A narrow window leaves out the graph, the seconds and the model, a very narrow one the time, so that the question can be
    read; `runs show` tells all."""
    console = Terminal()
    if not runs:
        console.print("no runs yet")
        return
    names = ["run", "graph", "state", "started", "seconds", "model"]
    if console.width < WIDE:
        names = ["run", "state", "started"] if console.width >= NARROW else ["run", "state"]
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, no_wrap=True)
    table.add_column("about")
    for run in runs:
        state = state_of(run)
        started = time.strftime("%d %b %H:%M", time.localtime(run.created))
        spent, models = f"{run.spent.get('seconds', 0):.1f}", ", ".join(sorted(set(run.models.values())))
        shown = Text(state, STYLES.get(state, ""))
        about = Text(shorten(run.title, 80, placeholder=" …"))
        cells: dict[str, str | Text] = {
            "run": run.id, "graph": run.graph, "state": shown, "started": started, "seconds": spent, "model": models,
        }  # fmt: skip
        table.add_row(*(cells[name] for name in names), about)
    console.print(table)


def show_run(run: Run, steps: Sequence[StepRecord], outcome: Outcome) -> None:
    console, state, usage = Terminal(), state_of(run), outcome.usage
    facts = {
        "run": run.id, "graph": run.graph, "about": run.title, "state": state, "message": run.message,
        "follows": str((run.inputs.get("follows") or {}).get("run", "")),
        "forked from": f"{run.parent} at {run.forked_at}" if run.parent else "", "model": outcome.model,
        "seconds": f"{outcome.seconds:.1f}", "calls": f"{usage.calls}",
        "tokens": f"{usage.prompt} in ({usage.cached} cached), {usage.completion} out",
    }  # fmt: skip
    grid = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        if value:
            grid.add_row(Text(name, "dim"), Text(value, STYLES.get(value, "")))
    table = Table("step", "about", "state", "seconds", "calls", "tokens", box=None, pad_edge=False)
    for step in steps:
        table.add_row(
            step.id, Text(step.label[:60]), step.status, f"{step.seconds:.2f}", str(step.calls), str(step.tokens)
        )
    console.print(grid, "", table)
    if answer := run.output.get("answer"):
        console.print()
        console.print(Text(str(answer), "bold"))
    if outcome.question:
        console.print()
        show_question(run.id, outcome.question, console)
    elif state in (RunStatus.PAUSED, RunStatus.INTERRUPTED):
        console.print(f"\ngo on with: agentflow resume {run.id}", style="cyan")


def show_outcome(outcome: Outcome) -> None:
    from agentflow.export.document import to_markdown

    if outcome.output:
        show_markdown(to_markdown(outcome))
    errors = Terminal(stderr=True)
    errors.print(Text(f"run {outcome.run}: {outcome.status}{': ' if outcome.message else ''}{outcome.message}"))
    if outcome.question:
        show_question(outcome.run, outcome.question, errors)


def show_diff(found: RunDifference) -> None:
    console = Terminal()
    rows = [
        ("status", found.status),
        ("answer", found.answer),
        *((f"model of {k}", v) for k, v in found.models.items()),
    ]
    rows += [(f"input {key}", pair) for key, pair in found.inputs.items()]
    rows += [(key, (f"{a:g}", f"{b:g}")) for key, (a, b) in found.cost.items() if a != b]
    table = Table("", found.a, found.b, box=None, pad_edge=False)
    for name, (a, b) in rows:
        table.add_row(Text(name, "dim"), Text(str(a)), Text(str(b), "bold" if a != b else ""))
    console.print(table)
    for title, sides in (("plan", found.plan), ("evidence", found.evidence), ("claims", found.claims)):
        lines = [("- ", "red", item) for item in sides.get("gone", [])] + [
            ("+ ", "green", item) for item in sides.get("new", [])
        ]
        changed: list[Change] = found.claims.get("changed", []) if title == "claims" else []
        if lines or changed:
            console.print(f"\n{title}", style="bold")
        for mark, style, item in lines:
            console.print(Text(mark + _item_text(item), style))
        for change in changed:
            console.print(Text(f"~ {_item_text(change.before)}\n  {_item_text(change.after)}", "yellow"))
    if found.same:
        console.print("\nboth say the same", style="green")


def _item_text(item: object) -> str:
    if isinstance(item, dict):
        support = f" ({item['support']})" if "support" in item else ""
        return f"{item.get('text') or item.get('quote')}{support}"
    return str(item)


def line_of(event: Event) -> str:
    """One line an event; empty for those that only programs want."""
    place = f"{event.step:<18} " if event.step else ""
    match event:
        case events.RunStarted():
            return f"{'resumed' if event.resumed else 'started'}: {event.graph}"
        case events.RunEnded():
            return f"{event.status} after {event.seconds:.1f} s {event.message}".rstrip()
        case events.StepStarted():
            return f"{place}started {event.label}".rstrip()
        case events.StepEnded():
            return f"{place}{f'failed: {event.error}' if event.error else f'ended after {event.seconds:.2f} s'}"
        case events.PlanMade():
            return f"{place}plan: {'; '.join(event.questions)}"
        case events.Searched():
            return f"{place}searched: {event.query} ({event.passages} passages)"
        case events.EvidenceFound():
            return f"{place}evidence {event.place}: {' '.join(event.quote.split())}"
        case events.ClaimMade():
            return f"{place}claim {event.claim}: {event.text}"
        case events.ClaimChecked():
            return f"{place}claim {event.claim} is {event.support}"
        case events.ModelAnswered():
            again = " (recorded)" if event.replayed else ""
            return f"{place}{event.model} answered: {event.prompt_tokens} + {event.completion_tokens} tokens{again}"
        case events.ToolCalled():
            return f"{place}tool {event.tool} {event.arguments}"
        case events.ToolRefused():
            return f"{place}tool {event.tool} refused: {event.reason}"
        case events.ApprovalAsked():
            return f"{place}waits for an answer: {event.subject}"
        case events.Note():
            return f"{place}{event.level}: {event.text}"
    return ""
