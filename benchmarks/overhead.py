"""What durability costs: the research graph with journal, events and checkpoints, against LangGraph + AsyncSqliteSaver.

The same recorded answers, which take no time, so that only bookkeeping is measured, in CPU seconds of the process (other
load does not count; waiting for the disk does not either): python -m benchmarks.overhead
"""

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.testing import ScriptedModels
from tests.crash.harness import QUESTION, recorded, write_towers
from tests.crash.plain import open_plain

INPUTS = {"question": QUESTION, "rounds": 1, "knowledge": "off"}
STEPS = 14  # of the graph on this question


async def ours(root: Path, number: int) -> float:
    async with Engine(Project(root), pool=ScriptedModels(recorded)) as engine:
        started = time.process_time()
        await engine.run("research", INPUTS, run_id=f"ours-{number}")
        return time.process_time() - started


async def plain(root: Path, number: int) -> float:
    async with open_plain(Project(root), ScriptedModels(recorded), root / "plain.db", "research") as graph:
        started = time.process_time()
        await graph.run(f"plain-{number}", INPUTS)
        return time.process_time() - started


def size(root: Path, name: str) -> int:
    """Bytes in use, without free pages and what waits in the log."""
    with closing(sqlite3.connect(next(root.rglob(name)))) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        used = database.execute("SELECT * FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()")
        pages, free, bytes_ = used.fetchone()
    return int((pages - free) * bytes_)


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = write_towers(Path(folder) / "towers")
        times: dict[str, list[float]] = {"ours": [], "plain": []}
        asyncio.run(ours(root, -1))
        asyncio.run(plain(root, -1))
        before = size(root, "agentflow.db"), size(root, "plain.db")
        for number in range(rounds):  # in turns, so that other load falls on both
            times["ours"].append(asyncio.run(ours(root, number)))
            times["plain"].append(asyncio.run(plain(root, number)))
        a, b = (statistics.median(times[name]) for name in ("ours", "plain"))
        grown = [
            (after - was) / rounds / STEPS
            for after, was in zip((size(root, "agentflow.db"), size(root, "plain.db")), before, strict=True)
        ]
        print(f"agentflow {a * 1e3:.0f} ms of CPU a run, LangGraph {b * 1e3:.0f} ms: ratio {a / b:.2f}, "
              f"{(a - b) / STEPS * 1e3:.1f} ms more a step; {grown[0]:.0f} and {grown[1]:.0f} bytes a step")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
