"""Tests hypotheses on the data that `profile_data` has looked at: effects with intervals, confounders, figures."""

import json
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.experiments.folder import analyse
from agentflow.experiments.packages import versions
from agentflow.experiments.plan import Hypothesis
from agentflow.experiments.workplace import experiment_folder, seconds

SEED = 0


class Analysed(TypedDict):
    """`results` as agentflow/experiments/lab/analysis.py tells them; `sha256` of each file of the run's experiment folder."""

    results: dict[str, Any]
    sha256: dict[str, str]
    packages: dict[str, str]


def analyse_data(
    hypotheses: Annotated[list[Hypothesis], Field(min_length=1, max_length=20)],
    data: Annotated[dict[str, str], Field(description="sha256 of each file by name, as profile_data told")],
    *,
    context: Context,
) -> Analysed:
    """Test hypotheses on profiled data files in the sandbox; writes analysis.py and figures into the run's folder."""
    plan = {"data": data, "seed": SEED, "hypotheses": hypotheses}
    written = analyse(experiment_folder(context), plan, seconds())
    return Analysed(
        results=json.loads(written.result.files["results.json"]), sha256=written.sha256, packages=versions()
    )
