"""`agentflow models ...`: what there is, what runs, what fits."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.cli.options import JsonOption, ProjectOption, print_json
from agentflow.cli.output import say

if TYPE_CHECKING:
    from agentflow.models.catalog.catalog import ModelCatalog

app = typer.Typer(
    name="models", help="Models: list, pull, use, test, calibrate, measure, start and stop.", no_args_is_help=True
)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A model or a role of models.yaml.")]


def catalog(project: Path | None) -> "ModelCatalog":
    from agentflow.models.catalog.catalog import load_catalog
    from agentflow.project import Project

    found = load_catalog(Project.open(project).models_files())
    for note in found.notes:
        say(f"warning: {note}", err=True)
    return found


@app.command("list")
def list_models(project: ProjectOption = None, json: JsonOption = False) -> None:
    """Every model of models.yaml, the roles it answers, and whether its weights are here."""
    from agentflow.cli.models_view import show_models
    from agentflow.models.weights.inventory import inventory

    rows = inventory(catalog(project))
    print_json({"models": rows}) if json else show_models(rows)


@app.command()
def show(name: NameArgument, project: ProjectOption = None, json: JsonOption = False) -> None:
    """One model's settings, where they come from, and where its weights lie."""
    from agentflow.cli.models_view import show_model
    from agentflow.models.weights.inventory import details

    found = details(catalog(project), name)
    print_json(found) if json else show_model(found)


@app.command()
def pull(name: NameArgument, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Download a model's weights: from the hub (HF_ENDPOINT names a mirror), else from its next source in models.yaml.
    A cut download goes on."""
    from agentflow.cli.models_view import ModelsView
    from agentflow.models.weights.pull import pull as pull_weights

    config = catalog(project).resolve(name)
    with ModelsView() as bars:
        paths = pull_weights(config, bars)
    print_json({"model": config.name, "files": [str(path) for path in paths]}) if json else say(
        "\n".join(str(path) for path in paths)
    )


@app.command()
def use(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A model of models.yaml.")] = "",
    default: Annotated[bool, typer.Option("--default", help="Back to the model that ships.")] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Make a model the project's default: it answers every role that names no other. Writes the project's models.yaml."""
    from agentflow.cli.models_view import show_choice
    from agentflow.errors import AgentflowError
    from agentflow.models.catalog.choice import choose, unchoose
    from agentflow.models.weights.inventory import are_here
    from agentflow.project import Project

    if bool(name) == default:
        raise AgentflowError("name one model, or --default", "agentflow models list names all")
    opened = Project.open(project)
    choice = unchoose(opened) if default else choose(opened, name)
    config = catalog(project).models[choice.model]
    here = None if config.backend == "endpoint" else are_here(config)
    if json:
        print_json({**asdict(choice), "here": here})
    else:
        show_choice(choice, here)


@app.command()
def start(name: NameArgument, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Start a model's server and leave it running; later commands share it."""
    import asyncio

    from agentflow.cli.models_view import ModelsView
    from agentflow.models.servers.admin import describe
    from agentflow.models.servers.admin import start as start_servers

    config = catalog(project).resolve(name)
    with ModelsView() as bars:
        rows = [describe(*started) for started in asyncio.run(start_servers(config, bars))]
    if json:
        print_json(rows[0] if config.replicas == 1 else {"servers": rows})
    else:
        say("\n".join(f"{row['address']} runs, pid {row['pid']}; agentflow models stop {name}" for row in rows))


@app.command()
def stop(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A model's name.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every server of this user.")] = False,
    json: JsonOption = False,
) -> None:
    """Stop a running server, even while it is used."""
    from agentflow.errors import AgentflowError
    from agentflow.models.servers.admin import running
    from agentflow.models.servers.admin import stop as stop_server

    found = [(place, server) for place, server in running() if everything or server.name == name]
    if not found and not everything:
        names = ", ".join(sorted({server.name for _, server in running()})) or "none"
        raise AgentflowError(f"no server of '{name}' runs; running: {names}", "see `agentflow models ps`")
    for place, server in found:
        stop_server(place, server)
    stopped = [server.name for _, server in found]
    print_json({"stopped": stopped}) if json else say(f"stopped: {', '.join(stopped) or 'nothing ran'}")


@app.command()
def ps(json: JsonOption = False) -> None:
    """The servers that run now: process, memory, users, log."""
    from agentflow.cli.models_view import show_running
    from agentflow.models.servers.admin import describe, running

    rows = [describe(place, server) for place, server in running()]
    print_json({"servers": rows}) if json else show_running(rows)


@app.command()
def status(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A model or role; all that a role uses if not given.")
    ] = "",
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Each address of a model: whether it answers, how fast, what runs and waits there."""
    import asyncio

    from agentflow.cli.models_view import show_addresses
    from agentflow.models.addresses.drained import Drained
    from agentflow.models.addresses.status import statuses
    from agentflow.project import Project

    known, drained = catalog(project), Drained(Project.open(project).state)
    used = {model: None for cluster in known.roles.values() for model in cluster.models}
    names = [known.resolve(name).name] if name else list(used)
    found = {model: asyncio.run(statuses(known.models[model], drained)) for model in names}
    if json:
        print_json({"models": {model: [asdict(row) for row in rows] for model, rows in found.items()}})
    else:
        show_addresses(found)


@app.command()
def drain(
    name: NameArgument,
    address: Annotated[str, typer.Argument(help="As `agentflow models status` names it.")],
    undo: Annotated[bool, typer.Option("--undo", help="Let it answer again.")] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Take an address out: what runs there ends there, new calls go to the others. For this project, until --undo."""
    from agentflow.models.addresses.drained import Drained
    from agentflow.project import Project

    config = catalog(project).resolve(name)
    drained = Drained(Project.open(project).state)
    out = drained.undo(config, address) if undo else drained.drain(config, address)
    if json:
        print_json({"model": config.name, "drained": sorted(out)})
    else:
        left = ", ".join(one for one in config.addresses if one not in out)
        say(f"new calls of {config.name} go to {left}")


@app.command()
def test(name: NameArgument, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Try a model: plain text, JSON under a schema, tool calls, probabilities, token counts."""
    import asyncio

    from agentflow.cli.models_view import ModelsView, show_trial
    from agentflow.models.smoke_test import trial

    chosen = catalog(project)
    with ModelsView() as bars:
        report = asyncio.run(trial(chosen, name, bars))
    print_json(report) if json else show_trial(report)
    if any(row["error"] for row in report["checks"]):
        raise typer.Exit(1)


@app.command()
def calibrate(name: NameArgument, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Measure what a model can be trusted with, on shipped cases; kept for its weights. Research does it by itself when it
    first uses a model."""
    import asyncio

    from agentflow.calibration.calibrate import calibrate_alone
    from agentflow.cli.models_view import ModelsView, show_calibration

    chosen = catalog(project)
    config = chosen.resolve(name)
    with ModelsView() as bars:
        found = asyncio.run(calibrate_alone(chosen, config.name, bars))
    print_json(asdict(found)) if json else show_calibration(found, config.abilities)


@app.command()
def fit(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One model; all when not given.")] = None,
    context: Annotated[
        int | None, typer.Option(help="Tokens per conversation instead of models.yaml's.", min=64)
    ] = None,
    parallel: Annotated[int | None, typer.Option(help="Conversations at a time.", min=1)] = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Whether a model fits this machine: weights, KV cache, draft, embedder; the settings to use; expected tokens/s."""
    from agentflow.cli.models_view import show_fit
    from agentflow.models.weights.fit import fit_all

    wanted: dict[str, Any] = {key: value for key, value in (("context", context), ("parallel", parallel)) if value}
    report = fit_all(catalog(project), name, wanted)
    print_json(report) if json else show_fit(report)


@app.command()
def bench(
    name: NameArgument,
    tokens: Annotated[int, typer.Option(help="Tokens to write per request.", min=8)] = 128,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Measure prefill and decode, alone and in parallel, beside what memory bandwidth allows."""
    import asyncio

    from agentflow.cli.models_view import ModelsView, show_bench
    from agentflow.models.bench import bench as run_bench

    with ModelsView() as bars:
        report = asyncio.run(run_bench(catalog(project), name, tokens, bars))
    print_json(report) if json else show_bench(report)


@app.command()
def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove them, also from running servers.")] = False,
    json: JsonOption = False,
) -> None:
    """Computed prompts kept on disk for later runs: how much of each model. They hold the text of your documents."""
    from agentflow.cli.models_view import show_kept
    from agentflow.models import prefix_cache
    from agentflow.models.paths import prefix_home

    freed = prefix_cache.clear() if clear else 0
    rows = prefix_cache.kept()
    if json:
        print_json({"folder": str(prefix_home()), "freed": freed, "models": [asdict(row) for row in rows]})
    elif clear:
        say(f"removed {freed / 1e6:,.1f} MB of computed prompts")
    else:
        show_kept(rows, str(prefix_home()))
