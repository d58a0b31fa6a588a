"""Looks at data files: copies them into the run's folder with their hash, and tells what each column is."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.context import Context
from agentflow.experiments.data import copy_data, find_data
from agentflow.experiments.laboratory import profile
from agentflow.experiments.workplace import data_roots, experiment_folder, seconds
from agentflow.toolbox import ToolFailed


class Profile(TypedDict):
    tables: list[dict[str, Any]]
    refused: list[dict[str, str]]
    sha256: dict[str, str]


def profile_data(
    files: Annotated[
        list[str], Field(max_length=50, description="CSV, XLSX or JSON files, or folders, of the project")
    ],
    *,
    context: Context,
) -> Profile:
    """Profile data files: rows, and the kind, missing values, levels or range of each column."""
    folder = experiment_folder(context) / "data"
    hashes, refused = copy_data(find_data(files, data_roots(context)), folder)
    told = profile(folder, sorted(hashes), seconds()) if hashes else {"tables": [], "refused": []}
    for item in told["refused"]:
        (folder / item["file"]).unlink()
        del hashes[item["file"]]
    reasons = [*(item._asdict() for item in refused), *told["refused"]]
    if not told["tables"]:
        raise ToolFailed(
            "no data file can be used: " + "; ".join(f"{r['file']} {r['reason']}" for r in reasons), "give a table"
        )
    return Profile(tables=told["tables"], refused=reasons, sha256=hashes)
