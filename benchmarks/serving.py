"""The embedded server against its peers: one command, both sides in one run, ratios.

    python -m benchmarks.serving --llama-server PATH [--points 1,2,3,4] [--formats Q4_0,BF16] [--minutes 9]
    python -m benchmarks.serving --points 1,3,5,6,7 --real FILE.gguf [--draft SMALLER.gguf]
        [--recorded PROJECT/.agentflow/agentflow.db [--run ID]]

It goes on where it stopped: a cell of the results that is there is not measured again (delete --out to start over), and
after --minutes no new cell begins.
Weights are random (0.5B shape, 151,936 tokens, the starter's tokenizer), made once into --folder. Drafting is off in
points 1, 2 and 4: random text would flatter it. Every side gets the same threads and its own defaults for OpenMP. Ratios
are given of tokens per second, and of tokens per CPU second of the server, which other work on the machine hardly touches.
With --real, point 1 measures these weights, and point 3 what they write themselves when asked. Points 5 to 8 need real
weights: prefixes that come back from memory and disk; the calls of recorded runs asked again of every side, each with its own
drafting on; whether an answer is the same however it came about. Point 8 kills clients at random.
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
from benchmarks.serve import drafting, fanout, grammar, identity, prefixes, replay, sides, soak, texts, trace
from benchmarks.serve.engines import open_engine
from benchmarks.serve.page import page
from benchmarks.serve.tables import show

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "starter" / "weights" / "starter.gguf"
RESULTS = ROOT / "benchmarks" / "results" / "serving.json"
FORMATS = ("Q4_0", "BF16")
PIECE = 40  # answers of point 7 between two looks at the clock
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


def over_http(bench: Bench, path: Path, form: str, points: set[str], results: Results, real: bool = False) -> None:
    """Points 1 and 2, with all sides loaded at once and taking turns. On real weights, which take their time, the servers
    alone, and cold at eight at a time alone."""
    widths = list(map(str, bench.widths)) if "1" in points else []
    if not results.open(form, "fanout", widths) and not ("2" in points and results.open(form, "trace", ["all"])):
        return
    most, logs = max(bench.widths), bench.folder
    words = words_of(path)
    with ExitStack() as stack:
        ours = stack.enter_context(sides.agentflow(path, most, bench.count, logs / "agentflow.log"))
        theirs = stack.enter_context(
            sides.llama_server(bench.binary, path, most, bench.count, logs / "llama-server.log")
        )
        others: list[sides.Http | sides.Serial] = []
        if not real:
            others.append(stack.enter_context(sides.serial(path, bench.count, logs / "serial.log")))
        if not real and find_spec("fastapi"):
            text = text_of(path)
            others.append(
                stack.enter_context(sides.python_server(path, bench.count, logs / "llama_cpp.server.log", text))
            )

        async def run() -> None:
            for side in (ours, theirs):  # the first answer pays for memory that is touched the first time
                await side.call(words[:64], 8)
            for width in widths:
                if results.open(form, "fanout", [width]):
                    found = await fanout.measure(
                        [ours, theirs],
                        others,
                        int(width),
                        bench.tokens,
                        bench.repeats,
                        words,
                        cold=not real or width == "8",
                    )
                    results.keep(form, "fanout", width, found)
            if "2" in points and results.open(form, "trace", ["all"]):
                assert isinstance(others[0], sides.Serial)
                found = await trace.measure(ours, theirs, others[0], bench.repeats, words)
                results.keep(form, "trace", "all", found)
            for server in (ours, theirs, *others):
                if isinstance(server, sides.Http):
                    await server.client.aclose()

        asyncio.run(run())


def inside(bench: Bench, path: Path, form: str, points: set[str], results: Results, draft: Path | None = None) -> None:
    """Points 3 and 4, on an engine in this process. `form` with weights of their own: what they write when asked."""
    own = form not in FORMATS
    point = f"drafting, {draft.stem}" if draft else "drafting"
    kinds = {f"{kind}, {width} at a time": (kind, width) for width in (1, 8 if own else 4) for kind in texts.KINDS}
    replays = results.open(form, point, list(kinds)) if "3" in points and texts.DATA.is_dir() else []
    grammars = results.open(form, "grammar", ["1", "8"]) if "4" in points else []
    if not replays and not grammars:
        return
    with open_engine(path, bench.count, draft=draft) as engine:
        compiler = GrammarCompiler(engine.vocab)
        writer = drafting.Writer(engine, compiler, own)
        for rows, seconds in engine.cost.seconds.items():
            results.keep(form, "step_seconds_by_rows", str(rows), round(seconds, 4))
        for cell in replays:
            if results.open(form, point, [cell]):
                kind, width = kinds[cell]
                samples = texts.KINDS[kind](max(bench.samples, width))
                results.keep(form, point, cell, drafting.measure(writer, samples, width, kind))
        for cell in grammars:
            if results.open(form, "grammar", [cell]):
                results.keep(form, "overhead", cell, grammar.overhead(engine, compiler, int(cell)))
                results.keep(form, "grammar", cell, grammar.measure(engine, compiler, int(cell), bench.repeats))


def with_real(
    bench: Bench,
    path: Path,
    points: set[str],
    recorded: list[replay.Recording],
    answers: int,
    soaking: float,
    results: Results,
) -> None:
    """Points 5 to 8, on real weights and real text."""
    form, documents = path.stem[:24], sorted((ROOT / "docs").glob("*.md"))
    if "5" in points and results.open(form, "prefixes", ["all"]):
        results.keep(form, "prefixes", "all", prefixes.measure(path, bench.count, documents[: bench.samples]))
    rounds = [(number, one) for number in range(1, bench.repeats + 1) for one in recorded if "6" in points]
    for number, one in rounds:
        if results.open(form, "replay", [cell := f"{one.title} #{number}"]):
            results.keep(form, "replay", cell, asyncio.run(replayed(bench, path, one)))
    if "8" in points and results.open(form, "soak", ["all"]):
        results.keep(form, "soak", "all", soak.measure(path, bench.count, soaking, bench.folder / "soak.log"))
    for first in range(0, answers, PIECE) if "7" in points else ():
        if results.open(form, "identity", [str(first)]):
            found = identity.measure(path, bench.count, documents, first, min(PIECE, answers - first))
            results.keep(form, "identity", str(first), found)


async def replayed(bench: Bench, path: Path, recording: replay.Recording) -> dict[str, replay.Row]:
    logs, window, width = bench.folder, 4096, 4
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
            sides.python_server, path, bench.count, logs / "llama_cpp.server.log", text_of(path), window
        )
    return await replay.measure(opens, recording, restarted=ours(fresh=False))


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
    formats: Annotated[str, typer.Option(help="Of the random weights; empty for none.")] = ",".join(FORMATS),
    threads: Annotated[int, typer.Option(help="0: the physical cores.")] = 0,
    small: Annotated[bool, typer.Option(help="45M parameters with the same vocabulary, for a busy machine.")] = False,
    repeats: Annotated[int, typer.Option(help="Turns each side gets.")] = 3,
    tokens: Annotated[int, typer.Option(help="Of an answer in point 1.")] = 128,
    samples: Annotated[int, typer.Option(help="Texts of each kind in point 3.")] = 6,
    minutes: Annotated[float, typer.Option(help="After these no new cell begins.")] = 1e6,
    real: Annotated[Path | None, typer.Option(help="Real weights for points 5 to 7.")] = None,
    draft: Annotated[Path | None, typer.Option(help="Weights that draft for the real ones in point 3.")] = None,
    recorded: Annotated[
        list[Path] | None, typer.Option(help="Databases of projects whose runs point 6 replays.")
    ] = None,
    run: Annotated[list[str] | None, typer.Option(help="Their runs to replay.")] = None,
    runs: Annotated[int, typer.Option(help="Without --run, that many of the latest.")] = 5,
    answers: Annotated[int, typer.Option(help="Answers that point 7 compares.")] = 500,
    soaking: Annotated[float, typer.Option(help="Minutes of point 8.")] = 120,
    folder: Annotated[Path, typer.Option(help="Where weights and logs go.")] = Path("/tmp/agentflow-bench"),
    out: Annotated[Path, typer.Option()] = RESULTS,
) -> None:
    wanted = set(points.split(","))
    bench = Bench(llama_server, folder, threads or available_cores(), tokens, repeats, samples, (1, 4, 8, 16))
    shape = SMALL if small else HALF_BILLION
    results = Results(out, minutes)
    settings = {"points": points, "formats": formats, "width": shape.width, "layers": shape.layers, "tokens": tokens}
    results.data["runs"].append({**settings, "repeats": repeats, **machine(bench.count)})
    if "3" in wanted and real is None and STARTER.is_file() and texts.DATA.is_dir() and "starter" not in results.data:
        results.data["starter"] = with_starter(bench.count)
        results.write()
        show(console, "starter, real greedy decoding", {"drafting": results.data["starter"]})
    if real is not None:
        form = real.stem[:24]
        if "1" in wanted:
            over_http(bench, real, form, {"1"}, results, real=True)
        if "3" in wanted:
            inside(bench, real, form, {"3"}, results, draft)
        with_real(bench, real, wanted, replay.recordings(recorded or [], run or [], runs), answers, soaking, results)
        show(console, form, results.data["formats"].get(form, {}))
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
