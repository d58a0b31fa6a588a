"""R12: a run of 2,000 steps with 50 MB of tool output, killed near its end: growth, memory, and the time to go on."""

import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.crash.harness import Victim
from tests.runs.conftest import write_project

GRAPH = '''
"""One tool call a step."""
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel

from agentflow.context import Context

ROLES = ("writer",)
TOOLS = ("produce",)


class Inputs(BaseModel):
    steps: int
    bytes: int


class State(TypedDict, total=False):
    steps: int
    bytes: int
    done: int
    output: dict


async def work(state: State, runtime: Runtime[Context]) -> dict:
    number = state.get("done", 0)
    text = await runtime.context.call_tool("produce", {"number": number, "bytes": state["bytes"]})
    return {"done": number + 1, "output": {"last": text[-20:]}}


def build() -> StateGraph:
    graph = StateGraph(State, context_schema=Context)
    graph.add_node(work)
    graph.add_edge(START, "work")
    graph.add_conditional_edges("work", lambda state: "work" if state["done"] < state["steps"] else END, ["work", END])
    return graph
'''

TOOL = '''
"""Text that hardly compresses, and what the process weighs meanwhile. Dies once, where the file `die` says."""
import base64
import os
import random
import signal
import time

import psutil

from agentflow.context import Context


def produce(number: int, bytes: int, context: Context) -> str:
    """Produce text.

    Args:
        number: which
        bytes: how much
    """
    root = context.project.root
    with (root / "seen.txt").open("a") as file:
        file.write(f"{number} {psutil.Process().memory_info().rss} {time.time()} {time.process_time()}\\n")
    die = root / "die"
    if die.exists() and number >= int(die.read_text()):
        die.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return base64.b85encode(random.Random(number).randbytes(bytes * 4 // 5)).decode()
'''


class Seen(NamedTuple):
    number: int
    rss: int
    at: float
    cpu: float


def seen(root: Path) -> list[Seen]:
    rows = [line.split() for line in (root / "seen.txt").read_text().splitlines()]
    return [Seen(int(number), int(rss), float(at), float(cpu)) for number, rss, at, cpu in rows]


class Long(NamedTuple):
    """What a long run cost: bytes on disk for each byte of tool output, growth of memory, seconds (of the clock, of the
    processor) from the start of a process to the first new call."""

    stored: float
    grown: float
    resumed: float
    worked: float
    again: list[int]


def go_long(root: Path, steps: int, size: int) -> Long:
    write_project(root)
    (root / "graphs" / "long.py").write_text(GRAPH.lstrip())
    (root / "tools" / "produce.py").write_text(TOOL.lstrip())
    (root / "die").write_text(str(steps - 5))
    victim = Victim(root, "long", graph="long", inputs={"steps": steps, "bytes": size})
    assert not victim.carry_on()
    before = seen(root)
    disk = sum(path.stat().st_size for path in (root / ".agentflow").glob("agentflow.db*"))
    started = time.time()
    assert victim.carry_on()
    after = seen(root)[len(before) :]
    assert victim.outcome()[0] == "done"
    early = [item.rss for item in before[steps // 10 : steps // 5]]
    late = [item.rss for item in before[-steps // 10 :]]
    return Long(
        stored=disk / (steps * size),
        grown=max(late) / max(early),
        resumed=after[0].at - started,
        worked=after[0].cpu,
        again=[item.number for item in after],
    )


def test_a_run_that_is_killed_late_goes_on_where_it_was(tmp_path: Path) -> None:
    long = go_long(tmp_path, 60, 25_000)
    assert long.again == [55, 56, 57, 58, 59]


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_two_thousand_steps_and_fifty_megabytes(tmp_path: Path) -> None:
    long = go_long(tmp_path, 2_000, 25_000)
    print(f"\n{long}")
    assert long.stored <= 3 and long.grown <= 1.2
    assert long.worked < 2, "a busy machine stretches the clock's seconds, not the processor's"
    assert long.again == list(range(1995, 2000))
