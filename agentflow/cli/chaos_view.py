"""Faults and timelines as lines for people."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from agentflow.chaos.timeline import TimelineRow, Wait
from agentflow.cli import runs_view, worker
from agentflow.cli.terminal import Terminal

LONG = 0.5  # seconds of a wait that is told in its row
STYLES = {"fault": "red", "over": "green", "ended": "magenta", "broke": "yellow", "refused": "yellow"}


def line_of(line: dict[str, Any]) -> str:
    """One of the log; empty for what only programs want."""
    match line["did"]:
        case "fault" | "spared":
            by = f" by {line['by']:g} s" if line["do"] == "delay" else ""
            lasts = (
                f"; it starts again after {line['seconds']:g} s"
                if line["do"] == "kill"
                else f" for {line['seconds']:g} s"
            )
            return f"{line['do'].upper()}{by}{lasts}{': not reached' if line['did'] == 'spared' else ''}"
        case "over":
            return f"{line['do']} is over"
        case "started":
            return f"started as process {line['pid']}"
        case "ended":
            return f"ended ({line['code']})"
        case "said" if "text" in line:
            return str(line["text"])
        case "said":
            facts = line["facts"]
            if facts.get("said") in ("claimed", "ended", "failed", "lost", "recovered", "away", "hung", "gone"):
                return worker.line_of(facts)
            return " ".join(f"{key} {value}" for key, value in facts.items() if isinstance(value, str | int | float))
        case "answered":
            return f"answered after {line['waited']:.1f} s"
        case "unanswered":
            return f"did not answer; {line['waited']:.1f} s were waited"
        case "broke":
            return "a connection broke off"
        case "refused":
            return "connections are refused: nobody listens"
    return f"{line['did']} for {line['caller']}: {line['outcome']}, {line['items']} items"


def show_timeline(rows: Sequence[TimelineRow], waits: Sequence[Wait]) -> None:
    console = Terminal()
    if not rows:
        console.print("no events")
        return
    table, first, latest = Table.grid(padding=(0, 2)), rows[0].at, rows[0].at
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for row in rows:
        latest = max(latest, row.at)
        text = line_of(row.fact) if isinstance(row.fact, dict) else runs_view.line_of(row.fact)
        waited = f"waited {row.seconds:.1f} s for {row.what}" if row.seconds >= LONG and row.who == row.part else ""
        if text or waited:
            style = STYLES.get(row.fact["did"], "") if isinstance(row.fact, dict) else ""
            table.add_row(
                f"+{latest - first:.2f}", Text(row.part), Text("; ".join(filter(None, (text, waited))), style)
            )
    console.print(table)
    if waits:
        table = Table("who waited", "for", "times", "seconds", "longest", box=None, pad_edge=False)
        for wait in waits:
            table.add_row(
                Text(wait.who), Text(wait.what), f"{wait.times}", f"{wait.seconds:.1f}", f"{wait.longest:.1f}"
            )
        console.print("", table)
