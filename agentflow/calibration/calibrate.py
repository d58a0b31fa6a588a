"""Asks a model the shipped cases and keeps what it can be trusted with."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from agentflow.calibration.cases import CalibrationCase, cases
from agentflow.calibration.scoring import is_right, says_it
from agentflow.calibration.verdict import Scores, verdict
from agentflow.errors import AgentflowError
from agentflow.events import Progress, Sink
from agentflow.models.catalog.catalog import ModelCatalog
from agentflow.models.catalog.model_config import ABILITIES, ModelConfig
from agentflow.models.client.errors import Malformed
from agentflow.models.pool import Models
from agentflow.models.pool_types import ModelPool
from agentflow.models.weights import calibrations
from agentflow.models.weights.calibrations import Calibration

Answered = tuple[CalibrationCase, Any]


async def calibrate_alone(catalog: ModelCatalog, name: str, sink: Sink) -> Calibration:
    """With a pool of its own, for as long as it takes. Raises as `calibrate` does."""
    async with Models(catalog, Path.cwd(), sink=sink) as models:
        return await calibrate(models, name, sink)


async def calibrate(models: ModelPool, name: str, sink: Sink, *, patience: float | None = None) -> Calibration:
    """Measures a chat model by its name and keeps the result. After `patience` seconds it is cut short, and counts as
    not measured until it is asked for. Raises AgentflowError when the model cannot be reached or is no chat model."""
    config = models.catalog.resolve(name)
    if config.kind != "chat":
        raise AgentflowError(f"'{name}' is of kind {config.kind}", "name a chat model")
    await models.client(name)  # its start is not counted
    began, answers, cut_short = time.monotonic(), list[Answered](), ""
    try:
        async with asyncio.timeout(patience):
            await _ask(models, config, cases(), answers.append, sink)
    except TimeoutError:
        cut_short = f"{len(answers)} of {len(cases())} cases in {patience:.0f} s"
    scores = scored(answers)
    found = Calibration(
        model=config.name, weights=calibrations.identity(config), scores=scores, cut_short=cut_short,
        abilities=ABILITIES if cut_short else verdict(scores),
        seconds=round(time.monotonic() - began, 1), at=time.time(),
    )  # fmt: skip
    calibrations.keep(config, found)
    return found


async def _ask(
    models: ModelPool,
    config: ModelConfig,
    asked: Sequence[CalibrationCase],
    hear: Callable[[Answered], None],
    sink: Sink,
) -> None:
    """The first alone, so that the others find its passages computed; these as many at a time as the server takes."""
    places = asyncio.Semaphore(config.parallel)
    done = 0

    async def one(case: CalibrationCase) -> None:
        nonlocal done
        async with places:
            try:
                data = (await models.ask(config.name, case.request())).data
            except Malformed:
                data = None
        hear((case, data))
        done += 1
        sink(Progress(task=f"calibrating {config.name}", done=done, total=len(asked), unit="cases"))

    await one(asked[0])
    tasks = [asyncio.ensure_future(one(case)) for case in asked[1:]]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def scored(answers: Iterable[Answered]) -> Scores:
    """Right and all, by what a case tries; `answer`: right wherever it points; `json`: complete under its schema."""
    scores: dict[str, list[bool]] = {}
    for case, data in answers:
        scores.setdefault("json", []).append(data is not None)
        scores.setdefault(case.kind, []).append(data is not None and is_right(case, data))
        if case.kind == "point":
            scores.setdefault("answer", []).append(data is not None and says_it(case, data))
    return {name: (sum(right), len(right)) for name, right in scores.items()}
