"""Point 6: the model calls of recorded runs, asked again of every side with the same weights.

What a run sent together is sent together; the next calls wait for their answers, as the graph did.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow.runs.calls import calls
from agentflow.runs.store import RunStore
from benchmarks.serve.sides import Answered, Http, Serial

Body = dict[str, Any]
Open = Callable[[], AbstractContextManager[Http | Serial]]


@dataclass(frozen=True, slots=True)
class Pass:
    """All recorded runs on one side: wall seconds, CPU seconds of its process, answers in order."""

    seconds: float
    cpu: float
    answers: list[Answered]


@dataclass(frozen=True, slots=True)
class Recording:
    """`waves` are the requests of a run: those of one wave were sent together."""

    run: str
    question: str
    waves: list[list[Body]]


def recordings(database: Path, most: int) -> list[Recording]:
    """The latest runs with model calls, the oldest of them first."""
    store = RunStore(database, create=False)
    found: list[Recording] = []
    for run in store.list(limit=10 * most):
        made = [call for call in calls(store, run.id, kind="model") if call.state == "done"]
        waves = [[body(request) for request in call.request["requests"]] for call in made]
        if waves and len(found) < most:
            found.append(Recording(run.id, run.title, waves))
    store.close()
    return found[::-1]


def body(request: dict[str, Any]) -> Body:
    """In OpenAI's words, greedy."""
    asked: Body = {
        "messages": [{"role": item["role"], "content": item["content"]} for item in request["messages"]],
        "max_tokens": request["max_tokens"],
        "temperature": 0,
    }
    if request["schema"] is not None:
        form = {"name": "answer", "schema": request["schema"], "strict": True}
        asked["response_format"] = {"type": "json_schema", "json_schema": form}
    return asked


async def replay(side: Http | Serial, recording: Recording) -> tuple[float, list[Answered]]:
    """Seconds of the whole run, and its answers."""
    began = time.perf_counter()
    answers: list[Answered] = []
    for wave in recording.waves:
        if isinstance(side, Http):
            answers += await asyncio.gather(*(side.chat(asked) for asked in wave))
        else:
            answers += [await asyncio.to_thread(side.chat, asked) for asked in wave]
    return time.perf_counter() - began, answers


PASSES = ("cold", "again")


async def measure(
    opens: dict[str, Open], recorded: list[Recording], repeats: int, restarted: Open | None = None
) -> dict[str, dict[str, Any]]:
    """Every side in turn, `repeats` times, each time in a new process: the runs once, and the same runs again.
    `restarted` is ours once more after those, in a process that finds what the last one left on disk."""
    runs: dict[str, list[Pass]] = {}
    for _ in range(repeats):
        for name, open_side in opens.items():
            with open_side() as side:
                for label in PASSES:
                    runs.setdefault(f"{name}, {label}", []).append(await one_pass(side, recorded))
        if restarted is not None:
            with restarted() as side:
                runs.setdefault("agentflow, again after a restart", []).append(await one_pass(side, recorded))
    said = [answer.text for answer in runs["agentflow, cold"][0].answers]
    return {name: summary(made, runs["agentflow, cold"], said) for name, made in runs.items()}


async def one_pass(side: Http | Serial, recorded: list[Recording]) -> Pass:
    cpu, seconds = side.cpu(), 0.0
    answers: list[Answered] = []
    for recording in recorded:
        took, given = await replay(side, recording)
        seconds += took
        answers += given
    return Pass(seconds, side.cpu() - cpu, answers)


def summary(made: list[Pass], ours: list[Pass], said: list[str]) -> dict[str, Any]:
    """Medians; ratios to our own cold pass."""
    answers = made[-1].answers
    prompt, cached = sum(one.prompt for one in answers), sum(one.cached for one in answers)
    return {
        "it / ours cold": round(median(made, "seconds") / median(ours, "seconds"), 2),
        "CPU, it / ours cold": round(median(made, "cpu") / median(ours, "cpu"), 2),
        "seconds": round(median(made, "seconds"), 2),
        "first token s": round(statistics.median(one.first for one in answers), 3),
        "prompt tokens": prompt,
        "computed": prompt - cached,
        "written": sum(one.written for one in answers),
        "accepted drafts": f"{sum(one.draft[1] for one in answers)} of {sum(one.draft[0] for one in answers)}",
        "same answer as ours": f"{sum(map(str.__eq__, said, (one.text for one in answers)))} of {len(said)}",
        "JSON": f"{sum(map(is_json, (one.text for one in answers)))} of {len(said)}",
    }


def median(made: list[Pass], name: str) -> float:
    return float(statistics.median(getattr(one, name) for one in made))


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
