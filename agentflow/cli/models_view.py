"""Tables of `agentflow models ...`, and progress bars from events."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import yaml
from rich.progress import BarColumn, DownloadColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from agentflow import events
from agentflow.cli.bars import Bars
from agentflow.cli.terminal import Terminal
from agentflow.models.catalog.model_config import ABILITIES

if TYPE_CHECKING:
    from agentflow.models.addresses.status import AddressStatus
    from agentflow.models.catalog.choice import ModelChoice
    from agentflow.models.prefix_cache import KeptPrefixes
    from agentflow.models.weights.calibrations import Calibration

OUT = Terminal(markup=True)
GIB = 1 << 30
DESCRIBED = 16  # columns, with fewer of which a description tells nothing


class ModelsView(Bars):
    """An event sink: one bar a task."""

    def __init__(self) -> None:
        task = TextColumn("{task.description}", markup=False)
        super().__init__(SpinnerColumn(), task, BarColumn(), DownloadColumn(), TimeRemainingColumn())

    def __call__(self, event: events.Event) -> None:
        if isinstance(event, events.Note):
            self.console.print(Text(event.text, "yellow" if event.level == "warning" else ""))
        elif isinstance(event, events.Progress):
            key = event.task.split(":")[0]
            total = event.total or None
            if key not in self.tasks:
                self.tasks[key] = self.bars.add_task(event.task, total=total)
            done = event.done if event.unit == "B" else None
            self.bars.update(self.tasks[key], description=event.task[:80], completed=done, total=total)
            self.lines(event)


def show_models(rows: list[dict[str, Any]]) -> None:
    """A narrow terminal leaves out whole columns, which `models show` tells, and cuts nothing but descriptions."""
    table = Table(box=None, header_style="bold")
    shown = [
        {
            "name": row["name"],
            "backend": row["backend"] + (f" x{row['addresses']}" if row["addresses"] > 1 else ""),
            "context": str(row["context"]),
            "here": {True: "yes", False: "no", None: "-"}[row["here"]],
            "trusted": trust(row["abilities"]),
            "roles": " ".join(row["roles"]),
            "description": row["description"],
        }
        for row in rows
    ]
    widths = {
        name: max(len(word) for text in (name, *(row[name] for row in shown)) for word in text.split() or [""]) + 2
        for name in ("name", "backend", "context", "here", "trusted", "roles")
    }
    for name in ("trusted", "context", "backend"):
        if sum(widths.values()) > OUT.width:
            del widths[name]
    room = OUT.width - sum(widths.values()) - 2
    for name, width in widths.items():
        justify: Literal["left", "right"] = "right" if name == "context" else "left"
        table.add_column(name, no_wrap=name != "roles", min_width=width - 2, overflow="ellipsis", justify=justify)
    if room >= DESCRIBED:
        table.add_column("description", no_wrap=True, max_width=room)
    for row, texts in zip(rows, shown, strict=True):
        names = [*widths, *(["description"] if room >= DESCRIBED else [])]
        table.add_row(*(texts[name] for name in names), style="bold" if row["roles"] else "")
    OUT.print(table)
    more = "" if room >= DESCRIBED else "more of a model: agentflow models show NAME; "
    OUT.print(f"{more}weights that are not here: agentflow models pull NAME", style="dim")


def trust(abilities: Sequence[str] | None) -> str:
    if abilities is None:
        return "-"
    return {0: "none", len(ABILITIES): "all"}.get(len(abilities), f"{len(abilities)} of {len(ABILITIES)}")


def show_calibration(found: "Calibration", said: Sequence[str] | None) -> None:
    """`said`: the abilities of models.yaml, which go before what is measured."""
    from agentflow.calibration.verdict import MEANT, wilson

    OUT.print(f"[bold]{found.model}[/], {found.seconds:.0f} s")
    table = Table(box=None, header_style="bold")
    for column in ("", "right", "", "95 %", "trusted"):
        table.add_column(column, justify="right" if column == "right" else "left")
    for name, (right, of) in found.scores.items():
        low, high = wilson(right, of)
        sure = "" if name not in ABILITIES else "yes" if name in found.abilities else "no"
        table.add_row(name, f"{right}/{of}", MEANT[name], f"{low:.2f} to {high:.2f}", sure)
    OUT.print(table)
    if said is not None and set(said) != set(found.abilities):
        OUT.print(f"models.yaml says otherwise, and counts: {', '.join(said) or 'none'}", style="yellow")


def show_choice(choice: "ModelChoice", here: bool | None) -> None:
    """What answers now, where that is written, and what is still to be done."""
    before = f", before: {choice.before}" if choice.before and choice.before != choice.model else ""
    OUT.print(f"[bold]{choice.model}[/] is the project's {choice.role} model ({choice.file}{before})", soft_wrap=True)
    for role, models in choice.others.items():
        OUT.print(f"the role {role} keeps its own: {', '.join(models)}", style="dim")
    if here is False:
        OUT.print(f"its weights are not here yet: agentflow models pull {choice.model}", style="yellow", soft_wrap=True)


def show_model(found: dict[str, Any]) -> None:
    OUT.print(f"[bold]{found['name']}[/] from {found['source']}", soft_wrap=True)
    OUT.print(f"roles: {', '.join(found['roles']) or 'none'}")
    where = found["path"] or "not on this machine"
    OUT.print(f"weights: {where}" + (f" ({found['bytes'] / 1e6:,.1f} MB)" if found["bytes"] else ""), soft_wrap=True)
    if found["settings"]["kind"] == "chat":
        OUT.print(f"trusted with: {trusted_with(found)}", soft_wrap=True)
    settings = {key: value for key, value in found["settings"].items() if value not in (None, "", [], {})}
    OUT.print(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True).rstrip(), highlight=False)


def trusted_with(found: dict[str, Any]) -> str:
    measured = found["calibration"]
    if found["abilities"] is None:
        why = f"cut short: {measured['cut_short']}" if measured else "not measured"
        return f"everything ({why}; agentflow models calibrate {found['name']})"
    source = "measured" if found["settings"]["abilities"] is None else "models.yaml"
    return f"{', '.join(found['abilities']) or 'nothing'} ({source})"


def show_running(rows: list[dict[str, Any]]) -> None:
    if not rows:
        OUT.print("no server runs")
        return
    table = Table(box=None, header_style="bold")
    for column in ("name", "serve", "pid", "memory", "up", "users", "stays", "log"):
        table.add_column(column, overflow="fold")
    for row in rows:
        users = " ".join(str(pid) for pid in row["users"]) or "-"
        stays = "yes" if row["pinned"] else "no"
        memory, up = f"{row['memory'] / GIB:.2f} GiB", f"{row['seconds']} s"
        table.add_row(
            row["address"] or row["name"], row["serve"], str(row["pid"]), memory, up, users, stays, row["log"]
        )
    OUT.print(table)


def show_addresses(found: "dict[str, list[AddressStatus]]") -> None:
    """By model."""
    table = Table(box=None, header_style="bold")
    for column in ("model", "address", "state", "ms", "running", "waiting"):
        table.add_column(column, justify="right" if column in ("ms", "running", "waiting") else "left")
    table.columns[1].overflow = "fold"
    styles = {"answers": "green", "silent": "red", "drained": "yellow", "stopped": "dim"}
    for model, rows in found.items():
        for row in rows:
            name = Text.assemble(row.name, (f"\n{row.detail}" if row.detail else "", "dim"))
            speed = f"{row.seconds * 1000:.0f}" if row.seconds else ""
            counts = ["" if count is None else str(count) for count in (row.running, row.waiting)]
            table.add_row(model, name, Text(row.state, styles[row.state]), speed, *counts)
    OUT.print(table)


def show_trial(report: dict[str, Any]) -> None:
    ready = f"ready after {report['ready_s']} s"
    OUT.print(f"[bold]{report['model']}[/]: {report['server']}, window {report['window']}, {ready}")
    table = Table(box=None, show_header=False)
    for row in report["checks"]:
        mark = "[red]failed[/]" if row["error"] else "[green]ok[/]"
        table.add_row(mark, row["check"], f"{row['seconds']:.2f} s", row["error"] or row["found"])
    OUT.print(table)


def show_fit(report: dict[str, Any]) -> None:
    machine = report["machine"]
    gpus = ", ".join(f"{gpu['name']} {gpu['total'] / GIB:.0f} GiB" for gpu in machine["gpus"]) or "no GPU"
    available = f"{machine['available'] / GIB:.1f} of {machine['memory'] / GIB:.1f} GiB free"
    OUT.print(f"{available}, {machine['cores']} cores, {machine['bandwidth'] / 1e9:.0f} GB/s, {gpus}")
    table = Table(box=None, header_style="bold")
    for column in ("model", "weights", "KV cache", "buffers", "draft", "total", "fits", "tokens/s", "use"):
        table.add_column(column, overflow="fold", justify="left" if column in ("model", "fits", "use") else "right")
    for row in (row for row in report["models"] if not row["error"]):
        sizes = [f"{row[key] / GIB:.2f}" for key in ("weights", "kv", "buffers", "draft", "total")]
        speed = f"{row['ceiling']:.0f}" + (f" / {row['measured']:.0f}" if row["measured"] else "")
        table.add_row(row["name"], *sizes, "yes" if row["fits"] else "[red]no[/]", speed, row["advice"])
    OUT.print(table)
    for error in sorted({row["error"] for row in report["models"]} - {""}):
        names = ", ".join(row["name"] for row in report["models"] if row["error"] == error)
        OUT.print(f"{names}: {error}", style="dim")
    OUT.print(
        "GiB; tokens/s: what memory bandwidth allows for one conversation / measured by `models bench`", style="dim"
    )


def show_bench(report: dict[str, Any]) -> None:
    OUT.print(f"[bold]{report['model']}[/] by {report['server']}, {report['tokens']} tokens per answer")
    table = Table(box=None, header_style="bold")
    for column in ("at a time", "prefill tokens/s", "first token s", "decode tokens/s", "each", "accepted drafts"):
        table.add_column(column, justify="right")
    for row in report["rows"]:
        accepted = f"{row['accepted']}/{row['drafted']}" if row["drafted"] else "-"
        numbers = (f"{row['prefill']:.0f}", f"{row['first_token']:.2f}", f"{row['decode']:.1f}", f"{row['each']:.1f}")
        table.add_row(str(row["parallel"]), *numbers, accepted)
    OUT.print(table)
    if report["ceiling"]:
        share = report["rows"][0]["each"] / report["ceiling"]
        OUT.print(f"bandwidth allows {report['ceiling']:.0f} tokens/s for one: {share:.0%} of it reached")


def show_kept(rows: "list[KeptPrefixes]", folder: str) -> None:
    """Models by last use."""
    if not rows:
        OUT.print(f"no computed prompts in {folder}", soft_wrap=True)
        return
    table = Table(box=None, header_style="bold")
    for column in ("weights", "pieces", "MB", "last used"):
        table.add_column(column, overflow="fold", justify="right" if column in ("pieces", "MB") else "left")
    for row in rows:
        used = datetime.fromtimestamp(row.used).strftime("%Y-%m-%d %H:%M")
        table.add_row(row.model, str(row.files), f"{row.bytes / 1e6:,.1f}", used)
    OUT.print(table)
    OUT.print(f"in {folder}; `agentflow models cache --clear` removes them", style="dim", soft_wrap=True)
