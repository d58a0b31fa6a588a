"""The embedded server against its peers: one command, both sides in one run, ratios.

    python -m benchmarks.serving --llama-server PATH [--points 1,2,3,4] [--formats Q4_0,BF16] [--minutes 9]
    python -m benchmarks.serving --points 1,3,5,6,7 --real FILE.gguf [--draft SMALLER.gguf]
        [--recorded PROJECT/.agentflow/agentflow.db [--run ID]]

It goes on where it stopped: a cell of the results that is there is not measured again (delete --out to start over), and
after --minutes no new cell begins.
Weights are random (0.5B shape, 151,936 tokens, the starter's tokenizer), made once into --folder. Drafting is off in
points 1, 2 and 4: random text would flatter it. Every side gets the same threads and its own defaults for OpenMP. Ratios
are given of tokens per second, and of tokens per CPU second of the server, which other work on the machine hardly touches.
With --real, point 1 measures these weights, and point 3 what they write themselves when asked. Points 5 to 10 need real
weights: prefixes that come back from memory and disk; the calls of recorded runs asked again of every side, each with its own
drafting on; whether an answer is the same however it came about. Point 8 kills clients at random. Point 9
asks whether the model of --draft could draft for the real one. Point 10 counts what the recorded runs themselves tell.
"""

import asyncio
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from agentflow.serving.loaded_models import available_cores
from agentflow.serving.text.grammar import GrammarCompiler
from benchmarks.random_weights import HALF_BILLION, SMALL, Shape, write_model
from benchmarks.serve import drafting, fanout, grammar, sides, texts, trace
from benchmarks.serve.bench import PEERS, Bench, Results, machine, text_of, words_of
from benchmarks.serve.engines import open_engine
from benchmarks.serve.real import Real, measure
from benchmarks.serve.tables import show

ROOT = Path(__file__).parents[1]
STARTER = ROOT / "starter" / "weights" / "starter.gguf"
RESULTS = ROOT / "benchmarks" / "results" / "serving-random.json"
FORMATS = ("Q4_0", "BF16")
console = Console()


def weights(folder: Path, form: str, shape: Shape) -> Path:
    path = folder / f"{shape.width}x{shape.layers}-{form}.gguf"
    if not path.is_file():
        console.print(f"writing {path} ...")
        write_model(path, shape, form, donor=STARTER if STARTER.is_file() else None)
    return path


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
    peer: Annotated[list[str], typer.Option(help="Of point 6; all unless given.")] = list(PEERS),  # noqa: B006
    runs: Annotated[int, typer.Option(help="Without --run, that many of the latest.")] = 5,
    answers: Annotated[int, typer.Option(help="Answers that point 7 compares.")] = 500,
    soaking: Annotated[float, typer.Option(help="Minutes of point 8.")] = 120,
    folder: Annotated[Path, typer.Option(help="Where weights and logs go.")] = Path("/tmp/agentflow-bench"),
    out: Annotated[Path, typer.Option()] = RESULTS,
) -> None:
    wanted = set(points.split(","))
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(
        llama_server, folder, threads or available_cores(), tokens, repeats, samples, (1, 4, 8, 16), tuple(peer)
    )
    shape = SMALL if small else HALF_BILLION
    results = Results(out, minutes)
    settings = {"points": points, "formats": formats, "width": shape.width, "layers": shape.layers, "tokens": tokens}
    results.data["runs"].append({**settings, "repeats": repeats, **machine(bench.count)})
    if "3" in wanted and real is None and STARTER.is_file() and texts.DATA.is_dir() and "starter" not in results.data:
        results.data["starter"] = with_starter(bench.count)
        results.write()
        show(console, "starter, real greedy decoding", {"drafting": results.data["starter"]})
    if real is not None:
        told = Real(real, draft, recorded or [], run or [], runs, answers, soaking)
        if "1" in wanted:
            over_http(bench, real, told.form, {"1"}, results, real=True)
        if "3" in wanted:
            inside(bench, real, told.form, {"3"}, results, draft)
        measure(bench, told, wanted, results)
        show(console, told.form, results.data["formats"].get(told.form, {}))
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


if __name__ == "__main__":
    typer.run(main)
