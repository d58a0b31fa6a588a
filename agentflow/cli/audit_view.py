"""The log of a server as `agentflow site audit` and `agentflow api audit` show it."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.options import print_json
from agentflow.cli.output import say

if TYPE_CHECKING:
    from agentflow.identity.audit import Audit, Server

HeadOption = Annotated[
    str, typer.Option("--head", help="'NUMBER SEAL' as noted before: it must still be in the log.")
]  # fmt: skip
LastOption = Annotated[int, typer.Option(min=0, help="Rows to show.")]


def show_audit(server: "Server", head: str, last: int, project: Path | None, json: bool) -> None:
    """Raises typer.Exit(1) when rows were changed, removed or cut."""
    log = open_audit(server, project)
    wrong = log.verify(head)
    rows = [row for row, _ in log.rows()]
    shown = rows[-last:] if last else []
    if json:
        print_json({"rows": [asdict(row) for row in shown], "head": log.head(), "wrong": wrong})
    else:
        for row in shown:
            at = datetime.fromtimestamp(row.at).strftime("%Y-%m-%d %H:%M:%S")
            items = f"{row.items} items, " if server == "site" else ""
            left = f"{items}{row.bytes:,} bytes left" if row.outcome == "answered" else row.outcome
            asked = f"{row.operation} {row.asked[:12]}".rstrip()
            say(f"{row.number}  {at}  {row.caller}  {asked}  {left}")
        say(f"{len(rows):,} rows; head: {log.head()}" if not wrong else f"WRONG: {'; '.join(wrong)}")
    if wrong:
        raise typer.Exit(1)


def open_audit(server: "Server", project: Path | None) -> "Audit":
    from agentflow.identity.audit import Audit
    from agentflow.project import Project
    from agentflow.runs.store import RunStore

    opened = Project.open(project)
    return Audit(RunStore(opened.store), opened.state, server)
