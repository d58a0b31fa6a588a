"""`agentflow api`: the HTTP API with its page, and the keys of those who may call it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.cli.audit_view import HeadOption, LastOption, show_audit
from agentflow.cli.help import Commands
from agentflow.cli.options import (
    HostOption,
    JsonLinesOption,
    JsonOption,
    ModelOption,
    PlainOption,
    ProjectOption,
    RemoteOption,
    parse_models,
    print_json,
)
from agentflow.cli.output import json_text, say
from agentflow.runs.queue import MOST_WAITING

if TYPE_CHECKING:
    from agentflow.identity.caller import Grants
    from agentflow.identity.keys import Keys

app = typer.Typer(name="api", help="The HTTP API and its web page, on this machine.", invoke_without_command=True)
keys = typer.Typer(name="keys", help="Keys with grants: add, list, revoke.", no_args_is_help=True)
app.add_typer(keys, cls=Commands)


@app.callback()
def api(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="TCP port; 0 takes a free one.")] = 8400,
    host: HostOption = "127.0.0.1",
    remote: RemoteOption = False,
    plain: PlainOption = False,
    socket: Annotated[
        Path | None, typer.Option(help="Serve at this Unix socket too, where your own user needs no key.")
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(help="Holds the owner's key; made where there is none. Default: ~/.config/agentflow/api-key."),
    ] = None,
    slots: Annotated[
        int, typer.Option(min=0, max=256, help="Runs carried at once; 0 leaves them to other workers.")
    ] = 1,
    most: Annotated[int, typer.Option("--most-waiting", min=1, help="Refuse runs when so many wait.")] = MOST_WAITING,
    model: ModelOption = None,
    project: ProjectOption = None,
    json: JsonLinesOption = False,
) -> None:
    """Serve the API and its page until Ctrl-C."""
    if context.invoked_subcommand:
        return
    import asyncio

    from agentflow.api.server import ApiConfig, serve
    from agentflow.cli.worker import line_of
    from agentflow.project import Project

    config = ApiConfig(host, port, slots, remote, plain, socket, key_file, most)

    def tell(facts: dict[str, Any]) -> None:
        if json:
            say(json_text(facts))
        elif facts["said"] == "listening":
            say(f"open {facts['url']}/#key={facts['key']}\n  the key lies in {facts['key_file']}\nCtrl-C ends it.")
        elif text := line_of(facts):
            say(text)

    asyncio.run(serve(Project.open(project), config, tell, models=parse_models(model)))


@keys.command()
def add(
    name: Annotated[str, typer.Argument(help="Who will use it; runs are kept by this name.")],
    graph: Annotated[
        list[str] | None, typer.Option("--graph", "-g", help="A graph it may start; default: all. 'none' for none.")
    ] = None,
    tool: Annotated[
        list[str] | None, typer.Option("--tool", "-t", help="A tool its graphs may use; default: all. 'none' for none.")
    ] = None,
    model: Annotated[list[str] | None, typer.Option("--model", "-m", help="A model it may ask; default: all.")] = None,
    site: Annotated[
        list[str] | None, typer.Option("--site", help="A site it may ask; default: all. 'none' for none.")
    ] = None,
    runs: Annotated[int, typer.Option(min=0, help="Runs that may wait or run at once; 0 for any number.")] = 0,
    tokens: Annotated[int, typer.Option("--tokens-a-day", min=0, help="Tokens of a day; 0 for any number.")] = 0,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Make a key. It is shown this once: only its hash is kept."""
    from agentflow.identity.caller import Grants

    grants = Grants(
        graphs=_named(graph), tools=_named(tool), models=model or None, sites=_named(site), runs=runs,
        tokens_a_day=tokens,
    )  # fmt: skip
    make_key(project, name, grants, json=json)


def make_key(project: Path | None, name: str, grants: "Grants", *, json: bool) -> None:
    """Adds it and prints it."""
    key = _keys(project).add(name, grants)
    if json:
        print_json({"name": name, "key": key})
    else:
        say(key)


@keys.command("list")
def list_keys(project: ProjectOption = None, json: JsonOption = False) -> None:
    """List keys with what they grant."""
    from dataclasses import asdict

    found = _keys(project).list()
    if json:
        print_json([{**asdict(key), "grants": key.grants.model_dump()} for key in found])
        return
    for key in found:
        say(f"{key.id}  {key.name}  {'revoked' if key.revoked else opens(key.grants)}")
    if not found:
        say("none but the owner's")


@keys.command()
def revoke(name: Annotated[str, typer.Argument(help="A key's name or id.")], project: ProjectOption = None) -> None:
    """Refuse a key from now on."""
    say(f"the key '{_keys(project).revoke(name).name}' is revoked")


@app.command()
def audit(
    head: HeadOption = "", last: LastOption = 20, project: ProjectOption = None, json: JsonOption = False
) -> None:
    """Show who called and who was refused, and verify the log; exit code 1 when rows were changed, removed or cut."""
    show_audit("api", head, last, project, json)


def opens(grants: "Grants") -> str:
    """What a caller may do, in words."""
    site = ""
    if grants.site:
        asked = grants.site.where.model_dump(exclude_defaults=True)
        site = f"site: {grants.site.release}; documents: {json_text(asked) if asked else 'all'}"
    if grants.site_only:
        return site
    kinds = {"graphs": grants.graphs, "tools": grants.tools, "models": grants.models, "sites": grants.sites}
    named = {kind: ", ".join(names) or "none" for kind, names in kinds.items() if names is not None}
    said = [f"{kind}: {named.get(kind, 'all')}" for kind in kinds]
    said.append(f"{grants.runs} runs at once" if grants.runs else "any number of runs")
    said += [f"{grants.tokens_a_day:,} tokens a day"] if grants.tokens_a_day else []
    return "; ".join([*said, *([site] if site else [])])


def _named(names: list[str] | None) -> list[str] | None:
    return [name for name in names if name != "none"] if names else None


def _keys(project: Path | None) -> "Keys":
    from agentflow.identity.keys import Keys
    from agentflow.project import Project
    from agentflow.runs.store import RunStore

    return Keys(RunStore(Project.open(project).store), "")
