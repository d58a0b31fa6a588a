"""The embedded server against its peers: one command, both sides in one run, ratios.

    python -m benchmarks.serving --llama-server PATH [--points 1,2,3,4] [--formats Q4_0,BF16] [--minutes 9]
    python -m benchmarks.serving --points 5,6,7 --real FILE.gguf [--recorded PROJECT/.agentflow/agentflow.db]

It goes on where it stopped: a cell of the results that is there is not measured again (delete --out to start over), and
after --minutes no new cell begins.
Weights are random (0.5B shape, 151,936 tokens, the starter's tokenizer), made once into --folder. Drafting is off in
points 1, 2 and 4: random text would flatter it. Every side gets the same threads and its own defaults for OpenMP. Ratios
are given of tokens per second, and of tokens per CPU second of the server, which other work on the machine hardly touches.
Points 5 to 7 need real weights: prefixes that come back from memory and disk; the calls of recorded runs asked again of every
side, each with its own drafting on; whether an answer is the same however it came about.
"""

import asyncio
import json
import platform
import re
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import gguf
import psutil
import typer
from rich.console import Console

from agentflow.serving.backend import amx
from agentflow.serving.loaded_models import available_cores
from agentflow.serving.text.grammar import GrammarCompiler
from benchmarks.random_weights import HALF_BILLION, SMALL, Shape, write_model
from benchmarks.serve import drafting, fanout, grammar, identity, prefixes, replay, sides, texts, trace
from benchmarks.serve.engines import open_engine
from benchmarks.serve.page import page
from benchmarks.serve.tables import show

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


class Results:
    """Cells by format and point, written to a file after each."""

    def __init__(self, path: Path, minutes: float) -> None:
        self.path = path
        self.until = time.monotonic() + 60 * minutes
        self.data: dict[str, Any] = {"formats": {}, "runs": []}
        if path.is_file():
            self.data |= json.loads(path.read_text("utf-8"))

    def open(self, form: str, point: str, cells: list[str]) -> list[str]:
        """Those of the cells that are still to be measured; none when the time is over."""
        have = self.data["formats"].get(form, {}).get(point, {})
        return [] if time.monotonic() > self.until else [cell for cell in cells if cell not in have]

    def keep(self, form: str, point: str, cell: str, found: Any) -> None:
        self.data["formats"].setdefault(form, {}).setdefault(point, {})[cell] = found
        self.write()

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.data, indent=1) + "\n", "utf-8")
        self.path.with_suffix(".md").write_text(page(self.data), "utf-8")


@dataclass(frozen=True, slots=True)
class Bench:
    """`count` threads for every side; `tokens` and `repeats` of an answer in point 1, `samples` of a text
    in point 3."""

    binary: Path
    folder: Path
    count: int
    tokens: int
    repeats: int
    samples: int
    widths: tuple[int, ...]


def over_http(bench: Bench, path: Path, form: str, points: set[str], results: Results) -> None:
    """Points 1 and 2, with all sides loaded at once and taking turns."""
    if not results.open(form, "fanout", list(map(str, bench.widths))) and not results.open(form, "trace", ["all"]):
        return
    most, logs = max(bench.widths), bench.folder
    words = words_of(path)
    with ExitStack() as stack:
        serial = stack.enter_context(sides.serial(path, bench.count, logs / "serial.log"))
        ours = stack.enter_context(sides.agentflow(path, most, bench.count, logs / "agentflow.log"))
        theirs = stack.enter_context(
            sides.llama_server(bench.binary, path, most, bench.count, logs / "llama-server.log")
        )
        others: list[sides.Http | sides.Serial] = [serial]
        if find_spec("fastapi"):
            text = text_of(path)
            others.append(
                stack.enter_context(sides.python_server(path, bench.count, logs / "llama_cpp.server.log", text))
            )

        async def run() -> None:
            for side in (ours, theirs):  # the first answer pays for memory that is touched the first time
                await side.call(words[:64], 8)
            for width in bench.widths if "1" in points else ():
                if results.open(form, "fanout", [str(width)]):
                    found = await fanout.measure([ours, theirs], others, width, bench.tokens, bench.repeats, words)
                    results.keep(form, "fanout", str(width), found)
            if "2" in points and results.open(form, "trace", ["all"]):
                results.keep(form, "trace", "all", await trace.measure(ours, theirs, serial, bench.repeats, words))
            for server in (ours, theirs, *others):
                if isinstance(server, sides.Http):
                    await server.client.aclose()

        asyncio.run(run())


def inside(bench: Bench, path: Path, form: str, points: set[str], results: Results) -> None:
    """Points 3, 4 and 5, on an engine in this process."""
    kinds = {f"{kind}, {width} at a time": (kind, width) for width in (1, 4) for kind in texts.KINDS}
    replays = results.open(form, "drafting", list(kinds)) if "3" in points and texts.DATA.is_dir() else []
    grammars = results.open(form, "grammar", ["1", "8"]) if "4" in points else []
    if not replays and not grammars:
        return
    with open_engine(path, bench.count) as engine:
        compiler = GrammarCompiler(engine.vocab)
        for rows, seconds in engine.cost.seconds.items():
            results.keep(form, "step_seconds_by_rows", str(rows), round(seconds, 4))
        for cell in replays:
            if results.open(form, "drafting", [cell]):
                kind, width = kinds[cell]
                samples = texts.KINDS[kind](bench.samples if width == 1 else max(4, bench.samples))
                results.keep(form, "drafting", cell, drafting.measure(engine, compiler, samples, width, kind))
        for cell in grammars:
            if results.open(form, "grammar", [cell]):
                results.keep(form, "overhead", cell, grammar.overhead(engine, compiler, int(cell)))
                results.keep(form, "grammar", cell, grammar.measure(engine, compiler, int(cell), bench.repeats))


def with_real(
    bench: Bench, path: Path, points: set[str], database: Path | None, runs: int, answers: int, results: Results
) -> None:
    """Points 5 to 7, on real weights and real text."""
    form, documents = path.stem[:24], sorted((ROOT / "docs").glob("*.md"))
    if "5" in points and results.open(form, "prefixes", ["all"]):
        results.keep(form, "prefixes", "all", prefixes.measure(path, bench.count, documents[: bench.samples]))
    if "6" in points and database is not None and results.open(form, "replay", ["all"]):
        results.keep(form, "replay", "all", asyncio.run(replayed(bench, path, database, runs)))
    if "7" in points and results.open(form, "identity", ["all"]):
        results.keep(form, "identity", "all", identity.measure(path, bench.count, documents, answers))


async def replayed(bench: Bench, path: Path, database: Path, runs: int) -> dict[str, Any]:
    recorded, logs, window, width = replay.recordings(database, runs), bench.folder, 4096, 4
    logs.mkdir(parents=True, exist_ok=True)
    home = logs / "prefixes"

    def ours(fresh: bool) -> replay.Open:
        def open_side() -> AbstractContextManager[sides.Http]:
            if fresh:
                shutil.rmtree(home, ignore_errors=True)
            store = {"folder": str(home), "identity": path.name}
            return sides.agentflow(path, width, bench.count, logs / "agentflow.log", context=window, prefix_store=store)

        return open_side

    opens: dict[str, replay.Open] = {"agentflow": ours(fresh=True)}
    if bench.binary.is_file():
        drafts = ("--spec-type", "ngram-mod")
        for name, options in (("llama-server", ()), ("llama-server, ngram-mod", drafts)):
            opens[name] = partial(
                sides.llama_server,
                bench.binary,
                path,
                width,
                bench.count,
                logs / "llama-server.log",
                *options,
                window=window,
            )
    opens["Llama"] = partial(sides.serial, path, bench.count, logs / "serial.log", window=window)
    if find_spec("fastapi"):
        opens["llama_cpp.server"] = partial(
            sides.python_server, path, bench.count, logs / "llama_cpp.server.log", text_of(path)
        )
    return await replay.measure(opens, recorded, bench.repeats, restarted=ours(fresh=False))


def words_of(path: Path) -> list[int]:
    """Tokens that are one English word with its space: prompts of them are as long in text as in tokens."""
    tokens = gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents()
    return [number for number, token in enumerate(tokens[:8000]) if re.fullmatch("\u0120[a-z]{3,}", token)]


def text_of(path: Path) -> Callable[[list[int]], str]:
    tokens = gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents()
    return lambda prompt: "".join(tokens[token] for token in prompt).replace("\u0120", " ")


def main(
    llama_server: Annotated[Path, typer.Option(help="The peer's binary.")] = Path(
        "/tmp/llama-server-build/llama-server"
    ),
    points: Annotated[str, typer.Option(help="1 fan-out, 2 trace, 3 drafting, 4 grammar and overhead.")] = "1,2,3,4",
    formats: Annotated[str, typer.Option()] = "Q4_0,BF16",
    threads: Annotated[int, typer.Option(help="0: the physical cores.")] = 0,
    small: Annotated[bool, typer.Option(help="45M parameters with the same vocabulary, for a busy machine.")] = False,
    repeats: Annotated[int, typer.Option(help="Turns each side gets.")] = 3,
    tokens: Annotated[int, typer.Option(help="Of an answer in point 1.")] = 128,
    samples: Annotated[int, typer.Option(help="Texts of each kind in point 3.")] = 6,
    minutes: Annotated[float, typer.Option(help="After these no new cell begins.")] = 1e6,
    real: Annotated[Path | None, typer.Option(help="Real weights for points 5 to 7.")] = None,
    recorded: Annotated[Path | None, typer.Option(help="The database of a project whose runs point 6 replays.")] = None,
    runs: Annotated[int, typer.Option(help="Recorded runs to replay, the latest.")] = 5,
    answers: Annotated[int, typer.Option(help="Answers that point 7 compares.")] = 500,
    folder: Annotated[Path, typer.Option(help="Where weights and logs go.")] = Path("/tmp/agentflow-bench"),
    out: Annotated[Path, typer.Option()] = RESULTS,
) -> None:
    wanted = set(points.split(","))
    bench = Bench(llama_server, folder, threads or available_cores(), tokens, repeats, samples, (1, 4, 8, 16))
    shape = SMALL if small else HALF_BILLION
    results = Results(out, minutes)
    run = {"points": points, "formats": formats, "width": shape.width, "layers": shape.layers, "tokens": tokens}
    results.data["runs"].append({**run, "repeats": repeats, **machine(bench.count)})
    if "3" in wanted and STARTER.is_file() and texts.DATA.is_dir() and "starter" not in results.data:
        results.data["starter"] = with_starter(bench.count)
        results.write()
        show(console, "starter, real greedy decoding", {"drafting": results.data["starter"]})
    if real is not None:
        with_real(bench, real, wanted, recorded, runs, answers, results)
        show(console, real.stem[:24], results.data["formats"].get(real.stem[:24], {}))
    for form in formats.split(",") if formats and wanted & {"1", "2", "3", "4"} else ():
        path = weights(folder, form, shape)
        if wanted & {"1", "2"}:
            over_http(bench, path, form, wanted, results)
        if wanted & {"3", "4"}:
            inside(bench, path, form, wanted, results)
        show(console, form, results.data["formats"].get(form, {}))


def with_starter(threads: int) -> dict[str, Any]:
    """Point 3 with a trained model and lookup drafts."""
    with open_engine(STARTER, threads) as engine:
        return {f"{kind}, lookup": drafting.greedy(engine, texts.KINDS[kind](8)) for kind in ("quotes", "prose")}


def machine(threads: int) -> dict[str, Any]:
    """`busy_cores` by other programs at the start: above 0.2 the machine was shared and only the ratios count."""
    told = dict(line.split(":", 1) for line in cpu_lines() if ":" in line)
    found = {key.strip(): value.strip() for key, value in told.items()}
    known = found.get("flags", "").split()
    return {
        "cpu": found.get("model name", platform.machine()),
        "flags": ", ".join(flag if flag in known else f"no {flag}" for flag in ("avx512_bf16", "amx_bf16")),
        "cores": psutil.cpu_count(logical=False),
        "threads": threads,
        "busy_cores": round(psutil.cpu_percent(interval=2) / 100 * (psutil.cpu_count() or 1), 2),
        "amx_left_out": amx.is_broken(),
        "date": time.strftime("%Y-%m-%d %H:%M"),
    }


def cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.is_file() else []


if __name__ == "__main__":
    typer.run(main)
