"""Writes a file of the run's own folder, .agentflow/runs/RUN/files, and nowhere else."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.toolbox.folder import write_beneath

PATHS = ("path",)


class Written(TypedDict):
    path: str
    bytes: int


def write_file(
    path: Annotated[str, Field(min_length=1, max_length=200, description="relative, for example table.csv")],
    text: Annotated[str, Field(max_length=1_000_000)],
    *,
    context: Context,
) -> Written:
    """Write a text file into the run's own folder; a file of the same name is replaced."""
    root = context.project.run_folder(context.run) / "files"
    size = write_beneath(root, path, text)
    return Written(path=str(root / path), bytes=size)
