"""`agentflow store`: where runs lie, and moving them."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.options import JsonOption, ProjectOption, print_json
from agentflow.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentflow.storage.place import Place
    from agentflow.storage.sql import Migration

app = typer.Typer(name="store", help="Where runs lie: the project's file, or Postgres.", no_args_is_help=True)
MOST = 1_000_000


@app.command()
def copy(
    to: Annotated[str, typer.Option("--to", help="postgresql://USER@HOST:PORT/NAME, or a file of SQLite.")],
    replace: Annotated[bool, typer.Option("--replace", help="Remove what is there of these first.")] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Copy runs, their journals and checkpoints, quotes, what is known, schedules and API keys. Documents stay. All of it or nothing."""
    from agentflow.project import Project
    from agentflow.storage.postgres.address import SCHEMES

    target: Place = to if to.startswith(SCHEMES) else Path(to).absolute()
    counts = copy_store(Project.open(project).store, target, replace=replace)
    if json:
        print_json(counts)
        return
    say(
        f"{counts['runs']} runs, {counts['calls']} calls, {counts['checkpoints']} checkpoints, {counts['events']} events"
    )
    say("every row was read again and compared, and every seal holds")
    if isinstance(target, str):
        say("from now on: AGENTFLOW_STORE, or store.yaml in the project, names it (docs/queue.md)")


def copy_store(place: "Place", target: "Place", *, replace: bool = False) -> dict[str, int]:
    """Rows by table. Raises AgentflowError while a process carries a run, for a target that holds any unless they are to be
    replaced, and when anything there is not as it was here; nothing is changed then."""
    from agentflow.broker.migrations import MIGRATIONS as BROKER
    from agentflow.corpus.quote_store import MIGRATIONS as QUOTES
    from agentflow.errors import AgentflowError
    from agentflow.identity.audit import MIGRATIONS as AUDIT
    from agentflow.identity.keys import MIGRATIONS as KEYS
    from agentflow.knowledge.store import MIGRATIONS as KNOWLEDGE
    from agentflow.runs.leases import is_alive
    from agentflow.runs.store import RunStore
    from agentflow.runs.verify import require_whole
    from agentflow.schedule.store import MIGRATIONS as SCHEDULES
    from agentflow.storage.copy import Table, copy_table

    names = ("runs", "calls", "blobs", "checkpoints", "writes", "quotes", "schedules", "schedule_news", "api_keys",
             "broker_cursors", "broker_rejected", "knowledge", "knowledge_runs")  # fmt: skip
    audits = (Table("site_audit", "number"), Table("api_audit", "number"))
    components: dict[str, Sequence[Migration]] = {
        "research": QUOTES, "schedule": SCHEDULES, "api": KEYS, "broker": BROKER, "knowledge": KNOWLEDGE, **AUDIT,
    }  # fmt: skip
    tables = [*map(Table, names), Table("events", "seq", counted=True), *audits]
    with closing(RunStore(place, create=False)) as here, closing(RunStore(target)) as there:
        if here.database.name == there.database.name:
            raise AgentflowError(
                f"{here.database.name} is where the runs lie already", "name another database with --to"
            )
        for database in (here.database, there.database):
            for component, migrations in components.items():
                database.migrate(component, migrations)
        with there.write():
            looks = [(table.name, f"SELECT 1 FROM {table.name} LIMIT 1") for table in tables]
            held = [name for name, look in looks if there.database.execute(look).fetchone()]
            if held and not replace:
                raise AgentflowError(
                    f"{there.database.name} holds {', '.join(held)} already",
                    "name another, or remove them with --replace",
                )
            running = [*here.list(status="running", limit=MOST), *there.list(status="running", limit=MOST)]
            if carried := next((run for run in running if is_alive(run)), None):
                raise AgentflowError(f"run {carried.id} is being carried", "end workers and runs first, then copy")
            for table in tables:
                there.database.execute(f"DELETE FROM {table.name}")
            counts = {table.name: copy_table(here.database, there.database, table) for table in tables}
            for run in there.list(limit=MOST):
                require_whole(there, run.id)
    return counts
