"""Runs of `agentflow run`: one, or a batch that goes on where it stopped."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agentflow.budget import Limits
from agentflow.cli.asking import show_question
from agentflow.cli.live import LiveView
from agentflow.cli.options import parse_pairs
from agentflow.cli.output import deliver, json_text, print_event, say, show_markdown, write_or_print
from agentflow.cli.session import carry, exit_code, opened, read
from agentflow.cli.terminal import Terminal
from agentflow.corpus.filter import Filter
from agentflow.engine import Engine, Outcome
from agentflow.errors import AgentflowError, ConfigError
from agentflow.events import ignore
from agentflow.graphs import load_graph
from agentflow.runs.run import id_from
from agentflow.status import RunStatus


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "run": outcome.run, "status": outcome.status, "output": outcome.output, "message": outcome.message,
        "question": outcome.question, "usage": asdict(outcome.usage), "seconds": round(outcome.seconds, 3),
    }  # fmt: skip


class RunOptions(NamedTuple):
    """What the command's options ask of each run: the documents it searches, models by role, limits."""

    docs: Sequence[Path]
    where: Filter | None
    models: dict[str, str]
    limits: Limits


async def run_once(
    project: Path | None, graph: str, file: Path | None, given: list[str], out: Path | None, asked: RunOptions,
    as_json: bool,
) -> int:  # fmt: skip
    """One run; its exit code."""
    view = LiveView(Terminal(stderr=True))
    async with opened(project, models=asked.models, sink=print_event if as_json else view) as engine:
        await read(engine, asked.docs)
        loaded = load_graph(engine.project, graph)
        inputs = {**(_json_file(file) if file else {}), **read_inputs(loaded.inputs, given)}
        start = engine.run(graph, inputs, limits=asked.limits, docs=asked.docs, where=asked.where)
        outcome = await (start if as_json else carry(engine, start, view))

    def tell() -> None:
        if as_json:
            say(json_text({"kind": "Outcome", **outcome_json(outcome)}))
        else:
            show(outcome)

    if out:
        written = json.dumps(outcome_json(outcome), ensure_ascii=False, indent=2).encode() + b"\n"
        deliver(out, written, tell, state=engine.project.state, kept=f"agentflow runs show {outcome.run} --json")
    else:
        tell()
    return exit_code(outcome.status)


async def run_batch(
    project: Path | None, graph: str, file: Path, given: list[str], jobs: int, out: Path | None, asked: RunOptions,
    as_json: bool,
) -> int:  # fmt: skip
    """A run for each line. A line's run has an id made of the workflow and the line, so that the same command goes on."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Terminal(stderr=True), disable=as_json)
    async with opened(project, models=asked.models, sink=print_event if as_json else ignore) as engine:
        await read(engine, asked.docs)
        loaded = load_graph(engine.project, graph)
        extra = read_inputs(loaded.inputs, given)
        rows = [{**row, **extra} for row in _lines(file)]
        gate = asyncio.Semaphore(jobs)
        results: dict[int, dict[str, Any]] = {}
        with bar:
            task = bar.add_task(loaded.name, total=len(rows))

            async def one(number: int, row: dict[str, Any]) -> None:
                async with gate:
                    found = await go_on(engine, graph, loaded.sha256, number, row, asked)
                results[number] = {"line": number, "inputs": row, **found}
                bar.advance(task)

            async with asyncio.TaskGroup() as group:
                for number, row in enumerate(rows, 1):
                    group.create_task(one(number, row))
    text = "".join(json_text(results[number]) + "\n" for number in sorted(results))
    if out:
        write_or_print(out, text, engine.project.state)
    else:
        say(text, nl=False)
    codes = {exit_code(result["status"]) for result in results.values()}
    return 1 if 1 in codes else max(codes, default=0)


async def go_on(
    engine: Engine, graph: str, sha256: str, number: int, row: dict[str, Any], asked: RunOptions
) -> dict[str, Any]:
    """The line's outcome: of its run when that has ended, else of the run carried on or started."""
    narrowed = {"where": asked.where.model_dump(exclude_defaults=True)} if asked.where else {}
    run = batch_id(graph, sha256, number, {**row, **narrowed})
    try:
        if engine.store.exists(run):
            return outcome_json(await engine.resume(run))
        return outcome_json(
            await engine.run(graph, row, limits=asked.limits, run_id=run, docs=asked.docs, where=asked.where)
        )
    except AgentflowError as error:
        return {"run": run, "status": RunStatus.FAILED, "output": {}, "message": error.message}


def batch_id(graph: str, sha256: str, number: int, row: dict[str, Any]) -> str:
    key = json.dumps([sha256, number, row], sort_keys=True, ensure_ascii=False)
    return id_from(Path(graph).stem, f"{number:04d}-{hashlib.sha256(key.encode()).hexdigest()[:8]}")


def read_inputs(model: type[BaseModel], given: list[str]) -> dict[str, Any]:
    """`key=value` options; a value is JSON unless the input is text."""
    properties = model.model_json_schema().get("properties", {})
    inputs: dict[str, Any] = {}
    for key, text in parse_pairs(given, "--input").items():
        if properties.get(key, {}).get("type", "string") == "string":
            inputs[key] = text
            continue
        try:
            inputs[key] = json.loads(text)
        except ValueError as error:
            if text.lstrip().startswith(("[", "{")):
                raise AgentflowError(
                    f"--input {key} is no JSON: {error}", f'quote it for the shell: -i \'{key}=["a", "b"]\''
                ) from None
            inputs[key] = [part.strip() for part in text.split(",")] if properties[key].get("type") == "array" else text
    return inputs


def _json_file(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}:1:1: cannot be read as JSON: {error}", "give a .json object or a .jsonl file"
        ) from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path}:1:1: expected a JSON object of inputs", 'for example {"question": "..."}')
    return data


def _lines(path: Path) -> list[dict[str, Any]]:
    rows = []
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise ConfigError(f"{path}:{number}:1: not a JSON object", "each line is one run's inputs")
                    rows.append(row)
    except OSError as error:
        raise ConfigError(f"{path}:1:1: cannot be read: {error.strerror}", "name a .jsonl file") from error
    except ValueError as error:
        raise ConfigError(f"{path}:{len(rows) + 1}:1: not JSON: {error}", "each line is one run's inputs") from error
    return rows


def show(outcome: Outcome) -> None:
    """The output as people read it."""
    from agentflow.export.output import output_markdown

    if outcome.output:
        show_markdown(output_markdown(outcome.output))
        say(f"\n{outcome.status} · run {outcome.run} · {outcome.seconds:.1f} s", err=True)
        return
    say(f"{outcome.status}: {outcome.message} (run {outcome.run})", err=True)
    if outcome.question:
        show_question(outcome.run, outcome.question, Terminal(stderr=True))
