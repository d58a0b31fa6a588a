"""`agentflow chaos`, for development: faults on purpose between the parts, and one timeline of all of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.cli.options import JsonLinesOption, JsonOption, ProjectOption, print_json
from agentflow.cli.output import json_text, say

if TYPE_CHECKING:
    from agentflow.chaos.timeline import TimelineRow

app = typer.Typer(
    name="chaos",
    help="For development: delay, cut off, stop and kill the parts of a distributed run by a plan.",
    no_args_is_help=True,
)
PlanArgument = Annotated[Path, typer.Argument(help="The plan, a YAML file: see docs/chaos.md.")]
SeedOption = Annotated[int | None, typer.Option(help="Draw the faults from this seed instead of the plan's.")]


@app.command()
def run(
    plan: PlanArgument,
    seed: SeedOption = None,
    log: Annotated[Path | None, typer.Option(help="Where to log; default: PLAN with the ending .jsonl.")] = None,
    json: JsonLinesOption = False,
) -> None:
    """Start the parts of a plan and bring its faults over them; ends with the part that `until` names, and its exit code."""
    import asyncio

    from agentflow.chaos.log import Log
    from agentflow.chaos.plan import load_plan
    from agentflow.chaos.session import ChaosSession
    from agentflow.cli.chaos_view import line_of

    def show(line: dict[str, Any]) -> None:
        if text := json_text(line) if json else line_of(line):
            say(text if json else f"{line['part']}  {text}")

    known = load_plan(plan).drawn(seed)
    session = ChaosSession(known, plan.parent, Log(log or plan.with_suffix(".jsonl"), show))
    if code := asyncio.run(session.run()):
        raise typer.Exit(code)


@app.command()
def draw(plan: PlanArgument, seed: SeedOption = None) -> None:
    """Print the plan with the faults that its seed decides written out, to be kept, changed and run again."""
    import yaml

    from agentflow.chaos.plan import load_plan

    known = load_plan(plan).drawn(seed).model_dump(mode="json", exclude_defaults=True)
    say(yaml.safe_dump(known, sort_keys=False, default_flow_style=None, width=120), nl=False)


@app.command()
def timeline(
    runs: Annotated[list[str] | None, typer.Argument(metavar="RUN", help="Runs; default: the newest ten.")] = None,
    log: Annotated[Path | None, typer.Option(help="What `agentflow chaos run` logged.")] = None,
    site: Annotated[
        list[Path] | None, typer.Option(help="The project of a site, for its audit log. Repeatable.")
    ] = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Show in one order what all parts did, and who waited for whom."""
    from dataclasses import asdict

    from agentflow.chaos.log import read_log
    from agentflow.chaos.timeline import merged, of_log, of_run, of_site, waits
    from agentflow.cli.audit_view import open_audit
    from agentflow.cli.chaos_view import show_timeline
    from agentflow.cli.runs import open_store
    from agentflow.project import Project

    sources = []
    if runs or not log or Project.open(project).has_store:  # a log says something by itself
        store = open_store(project)
        chosen = [store.find(name) for name in runs] if runs else store.list(limit=10)
        sources = [list(of_run(store, run)) for run in chosen]
    sources += [list(of_site(place.resolve().name, open_audit("site", place))) for place in site or []]
    if log:
        sources.append(list(of_log(read_log(log))))
    rows = merged(*sources)
    if json:
        print_json({"rows": [_facts(row) for row in rows], "waits": [asdict(wait) for wait in waits(rows)]})
    else:
        show_timeline(rows, waits(rows))


def _facts(row: "TimelineRow") -> dict[str, Any]:
    fact = row.fact if isinstance(row.fact, dict) else row.fact.to_json()
    waited = {"who": row.who, "what": row.what, "seconds": row.seconds} if row.who else None
    return {"at": row.at, "part": row.part, "fact": fact, "waited": waited}
