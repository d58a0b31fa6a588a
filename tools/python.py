"""Python code in a sandbox: no network, no files of the machine, bounded time and memory. Without a sandbox it refuses."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.toolbox import granted
from agentflow.toolbox.sandbox import run_python

MOST_SECONDS = 30.0


class Ran(TypedDict):
    output: str
    errors: str
    status: int


def python(
    code: Annotated[str, Field(min_length=1, max_length=20_000, description="a program; what it prints is the result")],
) -> Ran:
    """Run a short Python program (standard library only) and return what it prints."""
    result = run_python(code, seconds=max(1.0, min(granted().seconds - 5, MOST_SECONDS)))
    return Ran(output=result.output, errors=result.errors[-2_000:], status=result.status)
