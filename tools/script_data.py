"""Runs a Python program on the data that `profile_data` has looked at: numpy, pandas, scipy, matplotlib, no network."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.experiments.folder import SCRIPT, run
from agentflow.experiments.laboratory import last_line
from agentflow.experiments.packages import versions
from agentflow.experiments.workplace import experiment_folder, seconds

LONGEST = 20_000  # characters of what is printed


class Printed(TypedDict):
    """`error` is empty when it came to its end; `sha256` of each file of the run's experiment folder."""

    output: str
    error: str
    sha256: dict[str, str]
    packages: dict[str, str]


def script_data(
    code: Annotated[str, Field(min_length=1, max_length=50_000, description="reads data/NAME, prints, writes to out/")],
    *,
    context: Context,
) -> Printed:
    """Run a Python program on the profiled data files in data/; what it prints and leaves in out/ is kept."""
    written = run(experiment_folder(context), SCRIPT, code, seconds())
    error = last_line(written.result.errors) if written.result.status else ""
    return Printed(output=written.result.output[:LONGEST], error=error, sha256=written.sha256, packages=versions())
