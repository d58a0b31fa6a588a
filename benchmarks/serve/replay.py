"""Point 6: the model calls of recorded runs, asked again of every side with the same weights.

What a run sent together is sent together; the next calls wait for their answers, as the graph did.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from agentflow.runs.calls import Call, calls
from agentflow.runs.store import RunStore
from benchmarks.serve.sides import Answered, Http, Serial

Body = dict[str, Any]
Row = dict[str, Any]
Open = Callable[[], AbstractContextManager[Http | Serial]]
OURS = "agentflow, cold"
RESTARTED = "agentflow, again after a restart"


@dataclass(frozen=True, slots=True)
class Recording:
    """`waves` are the requests of a run: those of one wave were sent together."""

    run: str
    title: str
    waves: list[list[Body]]


def recordings(databases: list[Path], runs: list[str], most: int) -> list[Recording]:
    """The runs of these ids, or the latest with model calls, the oldest of them first."""
    found: list[Recording] = []
    for database in databases:
        store = RunStore(database, create=False)
        for run in store.list(limit=10 * most):
            made = [call for call in calls(store, run.id, kind="model") if call.state == "done"]
            if made and (run.id in runs if runs else len(found) < most):
                asked = waves(made)
                count = sum(map(len, asked))
                found.append(Recording(run.id, f"{run.graph}, {count} calls, {length(asked):,} characters", asked))
        store.close()
    return found[::-1]


def length(waves: list[list[Body]]) -> int:
    """Characters of all prompts."""
    return sum(len(message["content"]) for wave in waves for asked in wave for message in asked["messages"])


def waves(made: list[Call]) -> list[list[Body]]:
    """Requests that were under way together. A call that began before one of the wave had ended belongs to it."""
    found: list[list[Body]] = []
    over = 0.0
    for call in sorted(made, key=lambda one: one.started):
        asked = [body(request) for request in call.request["requests"]]
        end = call.started + (call.seconds or 0)
        if found and call.started < over:
            found[-1] += asked
            over = min(over, end)
        else:
            found.append(asked)
            over = end
    return found


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


async def replay(side: Http | Serial, recording: Recording) -> list[Answered]:
    answers: list[Answered] = []
    for wave in recording.waves:
        if isinstance(side, Http):
            answers += await asyncio.gather(*(side.chat(asked, recording.run) for asked in wave))
        else:
            answers += [await asyncio.to_thread(side.chat, asked) for asked in wave]
    return answers


PASSES = ("cold", "again")


async def measure(opens: dict[str, Open], recording: Recording, restarted: Open) -> dict[str, Row]:
    """Every side in turn, each in a new process: the run once, and the same run again. `restarted` is ours once more
    after those, in a process that finds what the last one left on disk."""
    rows: dict[str, Row] = {}
    said: list[str] = []
    for name, open_side in [*opens.items(), (RESTARTED, restarted)]:
        with open_side() as side:
            for label in PASSES if name != RESTARTED else ("",):
                clock, cpu = time.perf_counter(), side.cpu()
                try:
                    answers = await replay(side, recording)
                except (ValueError, httpx.HTTPError) as error:  # a peer dies of a schema that it cannot write by
                    print(f"{name} is left out of {recording.title}: {error!r}", file=sys.stderr)
                    break
                seconds, cpu = time.perf_counter() - clock, side.cpu() - cpu
                said = said or [one.text for one in answers]
                rows[f"{name}, {label}".strip(", ")] = row(answers, seconds, cpu, said)
    return rows


def row(answers: list[Answered], seconds: float, cpu: float, said: list[str]) -> Row:
    """`prefill` are the computed prompt tokens over the waits for a first token, `decode` the tokens after it over the rest. None is what a side does not tell."""
    prompt, cached = sum(one.prompt for one in answers), sum(one.cached for one in answers)
    written = sum(one.written - 1 for one in answers)
    sources: dict[str, list[int]] = {}
    for name, (drafted, accepted) in (pair for one in answers for pair in one.by_source.items()):
        total = sources.setdefault(name, [0, 0])
        total[0], total[1] = total[0] + drafted, total[1] + accepted
    return {
        "seconds": round(seconds, 2),
        "CPU seconds": round(cpu, 2),
        "first token, s": round(statistics.median(one.first for one in answers), 3),
        "prefill, tokens/s": round((prompt - cached) / sum(one.first for one in answers), 1) if prompt else None,
        "decode, tokens/s": round(written / max(1e-9, sum(one.seconds - one.first for one in answers)), 1),
        "prompt tokens": prompt or None,
        "computed": prompt - cached if prompt else None,
        "drafted, accepted": sources,
        "same answer": sum(map(str.__eq__, said, (one.text for one in answers))),
        "JSON": sum(map(is_json, (one.text for one in answers))),
        "answers": len(answers),
    }


def medians(rounds: list[dict[str, Row]]) -> dict[str, Row]:
    """Of every number over the rounds in which a side took part; drafts as in its last. `it / ours` is to our own first
    pass of the same round."""
    found: dict[str, Row] = {}
    for name in dict.fromkeys(name for one in rounds for name in one):
        rows = [one[name] for one in rounds if name in one]
        ratios = [
            [one[name][key] / one[OURS][key] for one in rounds if name in one] for key in ("seconds", "CPU seconds")
        ]
        middle = {
            key: value if isinstance(value, dict | None) else statistics.median(row[key] for row in rows)
            for key, value in rows[-1].items()
        }
        wall, cpu = (round(statistics.median(one), 2) for one in ratios)
        found[name] = {"it / ours": wall, "in CPU": cpu, **middle, "rounds": len(rows)}
    return found


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
