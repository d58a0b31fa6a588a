"""The embedded server against its peers: one command, both sides in one run, ratios.

    python -m benchmarks.serving --llama-server PATH [--points 1,2,3,4] [--formats Q4_0,BF16] [--quick]

Weights are random (0.5B shape, 151,936 tokens, the starter's tokenizer), made once into --folder. Drafting is off in
points 1, 2 and 4: random text would flatter it. Every side gets the same threads and the same OpenMP spinning. Ratios
are of tokens per CPU second of the server, which other work on the machine hardly touches; wall times stand beside them.
"""

import asyncio
import json
import os
import platform
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console
from rich.table import Table

from agentflow.llama import amx
from agentflow.llama.grammar import GrammarCompiler
from agentflow.llama.house import available_cores
from benchmarks.random_weights import HALF_BILLION, SMALL, Shape, write_model
from benchmarks.serve import drafting, fanout, grammar, sides, texts, trace
from benchmarks.serve.engines import open_engine

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "starter" / "weights" / "starter.gguf"
RESULTS = ROOT / "benchmarks" / "results" / "serving.json"
console = Console()


def weights(folder: Path, form: str, shape: Shape) -> Path:
    path = folder / f"{shape.width}x{shape.layers}-{form}.gguf"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        console.print(f"writing {path} ...")
        write_model(path, shape, form, donor=STARTER if STARTER.is_file() else None)
    return path


def over_http(
    path: Path, binary: Path, threads: int, points: set[str], quick: bool, repeats: int, folder: Path
) -> dict[str, Any]:
    """Points 1 and 2, with all sides loaded at once and taking turns."""
    found: dict[str, Any] = {}
    vocabulary = HALF_BILLION.vocabulary
    with ExitStack() as stack:
        serial = stack.enter_context(sides.serial(path, threads, folder / "serial.log"))
        widths = [1, 8] if quick else [1, 4, 8, 16]
        ours = stack.enter_context(sides.agentflow(path, max(widths), threads, folder / "agentflow.log"))
        theirs = stack.enter_context(
            sides.llama_server(binary, path, max(widths), threads, folder / "llama-server.log")
        )

        async def run() -> None:
            for side in (ours, theirs):  # the first answer pays for memory that is touched the first time
                await side.call([1000] * 64, 8)
            if "1" in points:
                found["fanout"] = await fanout.measure(
                    ours, theirs, serial, widths, 64 if quick else 128, repeats, vocabulary
                )
            if "2" in points:
                found["trace"] = await trace.measure(ours, theirs, serial, repeats, vocabulary)
            for side in (ours, theirs):
                await side.client.aclose()

        asyncio.run(run())
    return found


def inside(path: Path, threads: int, points: set[str], quick: bool, repeats: int) -> dict[str, Any]:
    """Points 3, 4 and 5, on an engine in this process."""
    found: dict[str, Any] = {}
    with open_engine(path, threads) as engine:
        compiler = GrammarCompiler(engine.vocab)
        found["step_seconds_by_rows"] = {rows: round(s, 4) for rows, s in engine.cost.seconds.items()}
        if "3" in points and texts.DATA.is_dir():
            count = 2 * repeats
            found["drafting"] = {
                f"{kind}, {width} at a time": drafting.measure(engine, compiler, make(count), width, kind)
                for kind, make in texts.KINDS.items()
                for width in ((1,) if quick else (1, 4))
            }
        if "4" in points:
            found["grammar"] = {width: grammar.measure(engine, compiler, width, repeats) for width in (1, 8)}
            found["overhead"] = {width: grammar.overhead(engine, compiler, width) for width in (1, 8)}
    return found


def main(
    llama_server: Annotated[Path, typer.Option(help="The peer's binary.")] = Path(
        "/tmp/llama-server-build/llama-server"
    ),
    points: Annotated[str, typer.Option(help="1 fan-out, 2 trace, 3 drafting, 4 grammar and overhead.")] = "1,2,3,4",
    formats: Annotated[str, typer.Option()] = "Q4_0,BF16",
    threads: Annotated[int, typer.Option(help="0: the physical cores.")] = 0,
    quick: Annotated[bool, typer.Option(help="Fewer widths, tokens and repeats.")] = False,
    small: Annotated[bool, typer.Option(help="45M parameters with the same vocabulary, for a busy machine.")] = False,
    repeats: Annotated[int, typer.Option(help="Turns each side gets.")] = 3,
    folder: Annotated[Path, typer.Option(help="Where weights and logs go.")] = Path("/tmp/agentflow-bench"),
    out: Annotated[Path, typer.Option()] = RESULTS,
) -> None:
    wanted = set(points.split(","))
    count = threads or available_cores()
    load = os.getloadavg()[0]
    shape = SMALL if small else HALF_BILLION
    earlier = json.loads(out.read_text("utf-8")) if out.is_file() else {}
    results: dict[str, Any] = {"formats": {}, **earlier}
    results.setdefault("runs", []).append(
        {"points": points, "formats": formats, "width": shape.width, "layers": shape.layers, **machine(count, load)}
    )
    if "3" in wanted and STARTER.is_file() and texts.DATA.is_dir():
        results["starter"] = with_starter(count)
        show("starter, real greedy decoding", {"drafting": results["starter"]})
    for form in formats.split(",") if formats else ():
        path = weights(folder, form, shape)
        found: dict[str, Any] = results["formats"].get(form, {})
        if wanted & {"1", "2"}:
            found |= over_http(path, llama_server, count, wanted, quick, repeats, folder)
        if wanted & {"3", "4"}:
            found |= inside(path, count, wanted, quick, repeats)
        results["formats"][form] = found
        show(form, found)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


def with_starter(threads: int) -> dict[str, Any]:
    """Point 3 with a trained model, lookup drafts and its draft model where there is one."""
    found: dict[str, Any] = {}
    draft = STARTER.with_name("draft.gguf")
    for name, small in (("lookup", None), ("lookup and draft model", draft)):
        if small is not None and not small.is_file():
            continue
        with open_engine(STARTER, threads, draft=small) as engine:
            for kind in ("quotes", "prose"):
                found[f"{kind}, {name}"] = drafting.greedy(engine, texts.KINDS[kind](8))
    return found


def machine(threads: int, load: float) -> dict[str, Any]:
    """`load` of other processes at the start: above 0.5 the machine was shared and only the ratios count."""
    model = next(
        (line.split(":")[1].strip() for line in cpu_lines() if line.startswith("model name")), platform.machine()
    )
    return {
        "cpu": model,
        "cores": psutil.cpu_count(logical=False),
        "threads": threads,
        "load_before": round(load, 1),
        "amx_left_out": amx.is_broken(),
        "date": time.strftime("%Y-%m-%d %H:%M"),
    }


def cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.is_file() else []


def show(form: str, found: dict[str, Any]) -> None:
    if rows := found.get("fanout"):
        table = Table(
            "answers",
            "side",
            "tokens/s",
            "per CPU s",
            "first token s",
            "prompt computed",
            "ours / it",
            title=f"{form}: fan-out",
        )
        for width, entries in rows.items():
            for name, entry in entries.items():
                ours = entries[f"agentflow {'warm' if 'warm' in name else 'cold'}"]["tokens_per_cpu_s"]
                ratio = ours / entry["tokens_per_cpu_s"]
                table.add_row(
                    width, name, f"{entry['tokens_per_s']:g}", f"{entry['tokens_per_cpu_s']:g}", f"{entry['first_token_s']:g}",
                    str(entry["prompt_tokens_computed"]), f"{ratio:.2f}",
                )  # fmt: skip
        console.print(table)
    if found.get("trace"):
        table = Table("side", "cached of reachable", "first token s", "total s", title=f"{form}: agent trace")
        for name, entry in found["trace"]["sides"].items():
            table.add_row(name, *(f"{entry[key]:g}" for key in ("cached_of_reachable", "first_token_s", "total_s")))
        console.print(table)
    for key, title in (("drafting", "drafting"), ("grammar", "grammar"), ("overhead", "Python per step")):
        if rows := found.get(key):
            first = next(iter(rows.values()))
            table = Table("case", *first, title=f"{form}: {title}")
            for name, entry in rows.items():
                table.add_row(str(name), *(f"{value:g}" for value in entry.values()))
            console.print(table)


if __name__ == "__main__":
    typer.run(main)
