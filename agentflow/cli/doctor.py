"""`agentflow doctor`: is everything there and whole, and what to do where it is not."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agentflow.cli.options import JsonOption, ProjectOption, print_json
from agentflow.errors import AgentflowError

if TYPE_CHECKING:
    from agentflow.models.catalog.model_config import ModelConfig
    from agentflow.project import Project
    from agentflow.storage.place import Place

LITTLE_SPACE = 1 << 30  # bytes


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`state`: ok, note (worth knowing) or bad (something will not work)."""

    about: str
    state: str
    text: str
    advice: str = ""


def doctor(project: ProjectOption = None, json: JsonOption = False) -> None:
    """Check the database, the index, weights, leftover servers and disk. Exit code 1 when something is bad."""
    from agentflow.project import Project

    opened = Project.open(project)
    findings = [finding for check in (_disk, _database, _corpus, _models, _runs) for finding in _safely(check, opened)]
    bad = any(finding.state == "bad" for finding in findings)
    if json:
        print_json({"healthy": not bad, "findings": [asdict(finding) for finding in findings]})
        raise typer.Exit(bad)
    from rich.table import Column, Table
    from rich.text import Text

    from agentflow.cli.terminal import Terminal

    styles = {"ok": "green", "note": "yellow", "bad": "red"}
    table = Table.grid("", "", Column(overflow="fold"), padding=(0, 2))
    for finding in findings:
        table.add_row(Text(finding.state, styles[finding.state]), Text(finding.about, "bold"), Text(finding.text))
        if finding.advice:
            table.add_row("", "", Text(f"→ {finding.advice}", "cyan"))
    Terminal().print(table)
    raise typer.Exit(bad)


def _safely(check: "Callable[[Project], Iterator[Diagnosis]]", project: "Project") -> list[Diagnosis]:
    """What a check can say; an error that a person can mend is a finding too."""
    findings: list[Diagnosis] = []
    try:
        findings.extend(check(project))  # what was found before an error stays
    except AgentflowError as error:
        findings.append(Diagnosis(check.__name__.strip("_"), "bad", error.message, error.hint))
    return findings


def _disk(project: "Project") -> Iterator[Diagnosis]:
    folder = next(path for path in (project.state, *project.state.parents) if path.is_dir())
    free = shutil.disk_usage(folder).free
    few = free < LITTLE_SPACE
    advice = "free some space: a full disk pauses runs" if few else ""
    yield Diagnosis("disk", "bad" if few else "ok", f"{free / 1e9:.1f} GB free in {folder}", advice)
    if folder == project.state and folder.stat().st_mode & 0o077:
        yield Diagnosis("disk", "note", f"others may read {folder}", f"chmod 700 {folder}")


def _database(project: "Project") -> Iterator[Diagnosis]:
    if not project.database.exists():
        yield Diagnosis("database", "note", f"none yet in {project.state}", "agentflow ingest FOLDER makes it")
    for place in dict.fromkeys((project.database, project.store)):
        if isinstance(place, str) or place.exists():
            yield _whole(place)


def _whole(place: "Place") -> Diagnosis:
    from agentflow.storage.place import open_place

    database = open_place(place, create=False)
    faults, size = database.faults(), database.size()
    database.close()
    if not faults:
        return Diagnosis("database", "ok", f"{database.name} is whole ({size / 1e6:.1f} MB)")
    if isinstance(place, str):
        return Diagnosis(
            "database", "bad", f"{database.name}: {faults[0]}", "a power cut may lose what is acknowledged"
        )
    return Diagnosis("database", "bad", f"{database.name} is damaged: {faults[0]}", "restore it from a backup")


def _corpus(project: "Project") -> Iterator[Diagnosis]:
    if not project.database.exists():
        return
    from agentflow.corpus.ingest.verify import verify
    from agentflow.corpus.store import Corpus

    corpus = Corpus.open(project.database)
    status = corpus.status()
    yield Diagnosis("corpus", "ok", f"{status.documents} documents, {status.chunks} passages")
    for path, error in status.failed[:5]:
        yield Diagnosis("corpus", "note", f"{path} could not be read: {error}")
    for name, problem in verify(corpus).problems.items():
        yield Diagnosis("index", "bad", f"{name}: {problem}", "agentflow corpus rebuild")
    corpus.close()


def _models(project: "Project") -> Iterator[Diagnosis]:
    from agentflow.models.catalog.catalog import load_catalog
    from agentflow.models.prefix_cache import kept
    from agentflow.models.weights.locate import find_weights, is_installed

    known = load_catalog(project.models_files())
    roles = {name for cluster in known.roles.values() for name in cluster.models}
    for name in sorted(roles):
        model = known.models[name]
        if model.backend == "endpoint":
            yield from _addresses(model, project)
        elif (path := find_weights(model)) is None and is_installed(model):
            yield Diagnosis("models", "ok", f"{name}: {model.sources[-1]}, joined on first use")
        elif path is None:
            yield Diagnosis(
                "models",
                "bad",
                f"{name}: weights {model.origin} are not on this machine",
                f"agentflow models pull {name}",
            )
        else:
            yield Diagnosis("models", "ok", f"{name}: {path} ({_size(path) / 1e6:.0f} MB)")
    if rows := kept():
        total = sum(row.bytes for row in rows)
        yield Diagnosis("models", "ok", f"{total / 1e6:,.0f} MB of computed prompts; agentflow models cache --clear")


def _addresses(model: "ModelConfig", project: "Project") -> Iterator[Diagnosis]:
    """Each address of a model that is served elsewhere, asked now."""
    import asyncio

    from agentflow.models.addresses.drained import Drained
    from agentflow.models.addresses.status import statuses

    found = asyncio.run(statuses(model, Drained(project.state)))
    others = any(one.state == "answers" for one in found)
    for one in found:
        text = f"{model.name}: {one.name} {one.state}" + (f": {one.detail}" if one.detail else "")
        silent = "note" if others else "bad"
        advice = "its calls go to the others" if others else "start it, or mend `url` in models.yaml"
        match one.state:
            case "answers":
                yield Diagnosis("models", "ok", text)
            case "drained":
                again = f"agentflow models drain {model.name} {one.name} --undo"
                yield Diagnosis("models", "note", text, again)
            case _:
                yield Diagnosis("models", silent, text, advice)


def _runs(project: "Project") -> Iterator[Diagnosis]:
    if not project.has_store:
        return
    from agentflow.runs.leases import state_of
    from agentflow.runs.store import RunStore
    from agentflow.runs.verify import verify
    from agentflow.status import RunStatus

    store = RunStore(project.store, create=False)
    runs = store.list(limit=100)
    yield Diagnosis("runs", "ok", f"{len(runs)} of the latest 100 looked at")
    for run in runs:
        for fault in verify(store, run.id)[:1]:
            yield Diagnosis("runs", "bad", f"{run.id}: {fault}", f"agentflow runs verify {run.id}; restore a backup")
        if state_of(run) in (RunStatus.INTERRUPTED, RunStatus.PAUSED, RunStatus.DEAD):
            yield Diagnosis(
                "runs", "note", f"{run.id} ({run.title[:40]}) is {state_of(run)}", f"agentflow resume {run.id}"
            )
    store.close()


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*")) if path.is_dir() else path.stat().st_size
