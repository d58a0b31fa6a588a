"""Points 5 to 10: real weights, real text, recorded runs."""

import asyncio
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks.serve import break_even, identity, prefixes, recorded, replay, sides, soak
from benchmarks.serve.bench import Bench, Results, text_of

DOCUMENTS = Path(__file__).parents[2] / "docs"
PIECE = 40  # answers of point 7 between two looks at the clock


@dataclass(frozen=True, slots=True)
class Real:
    """`databases` of projects and the ids of `runs` in them, or as many of the `latest`; `draft` are smaller weights of the
    same vocabulary; `answers` that are compared, `soaking` minutes."""

    path: Path
    draft: Path | None = None
    databases: list[Path] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    latest: int = 5
    answers: int = 500
    soaking: float = 120

    @property
    def form(self) -> str:
        """The name of its part of the results."""
        return self.path.stem[:24]


def measure(bench: Bench, real: Real, points: set[str], results: Results) -> None:
    path, form, documents = real.path, real.form, sorted(DOCUMENTS.glob("*.md"))
    if "5" in points and results.open(form, "prefixes", ["all"]):
        results.keep(form, "prefixes", "all", prefixes.measure(path, bench.count, documents[: bench.samples]))
    asked = replay.recordings(real.databases, real.runs, real.latest) if "6" in points else []
    for number, one in ((number, one) for number in range(1, bench.repeats + 1) for one in asked):
        if results.open(form, "replay", [cell := f"{one.title} #{number}"]):
            results.keep(form, "replay", cell, asyncio.run(replayed(bench, path, one)))
    for first in range(0, real.answers, PIECE) if "7" in points else ():
        if results.open(form, "identity", [str(first)]):
            found = identity.measure(path, bench.count, documents, first, min(PIECE, real.answers - first))
            results.keep(form, "identity", str(first), found)
    if "8" in points and results.open(form, "soak", ["all"]):
        results.keep(form, "soak", "all", soak.measure(path, bench.count, real.soaking, bench.folder / "soak.log"))
    if "9" in points and real.draft and results.open(form, "break even", [real.draft.stem]):
        written = break_even.answers(real.databases, real.runs)
        found = break_even.measure(path, real.draft, bench.count, written)
        results.keep(form, "break even", real.draft.stem, found)
    if "10" in points and results.open(form, "recorded", ["all"]):
        results.keep(form, "recorded", "all", recorded.measure(real.databases))


async def replayed(bench: Bench, path: Path, recording: replay.Recording) -> dict[str, replay.Row]:
    logs, window, width = bench.folder, 4096, 4
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
    chosen = {name: side for name, side in opens.items() if name == "agentflow" or name in bench.peers}
    return await replay.measure(chosen, recording, restarted=ours(fresh=False))
