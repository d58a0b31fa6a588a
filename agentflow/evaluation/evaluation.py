"""One evaluation on disk: `.agentflow/evals/results/SUITE-N/` with eval.json, cases.jsonl, results.jsonl and report.html."""

import json
import os
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.evaluation.dataset import Case, rows
from agentflow.evaluation.record import Record, Records
from agentflow.project import Project
from agentflow.storage.files import write_whole


@dataclass(slots=True)
class Evaluation:
    """What was planned. `plan` is a digest of suite, cases, variants, graphs and models: the same plan resumes."""

    id: str
    suite: str
    description: str
    plan: str
    created: str
    folder: Path
    variants: dict[str, dict[str, Any]]
    baseline: str
    primary: str
    metrics: list[str]
    slices: list[str]
    cases: int
    repeats: int
    data: str
    workspace: str
    sampled: bool = False
    notes: list[str] = field(default_factory=list)
    finished: str = ""

    @property
    def records(self) -> Records:
        return Records(self.folder / "results.jsonl")

    def results(self) -> list[Record]:
        return self.records.load()

    def load_cases(self) -> dict[str, Case]:
        return {row["id"]: Case(row["id"], row["fields"]) for row in rows(self.folder / "cases.jsonl")}

    def save(self, cases: list[Case] | None = None) -> None:
        """Cases first, eval.json last: a folder without it is no evaluation."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if cases is not None:
            text = "".join(json.dumps(asdict(case), ensure_ascii=False, default=str) + "\n" for case in cases)
            write_whole(self.folder / "cases.jsonl", text)
        data = {key: value for key, value in asdict(self).items() if key != "folder"}
        write_whole(self.folder / "eval.json", json.dumps(data, ensure_ascii=False, indent=2))


def results_folder(project: Project) -> Path:
    return project.state / "evals" / "results"


def history(project: Project, suite: str = "") -> list[Evaluation]:
    """All evaluations of the project, or of one suite, oldest first."""
    found = [open_evaluation(path.parent) for path in results_folder(project).glob("*/eval.json")]
    return sorted((e for e in found if not suite or e.suite == suite), key=lambda e: (e.created, e.id))


def open_evaluation(folder: Path) -> Evaluation:
    """Raises AgentflowError for a folder that holds no evaluation, or one of another version."""
    try:
        data = json.loads((folder / "eval.json").read_text("utf-8"))
        return Evaluation(**data, folder=folder)
    except FileNotFoundError:
        raise AgentflowError(f"no evaluation in {folder}", "see `agentflow eval history`") from None
    except (json.JSONDecodeError, TypeError) as error:
        raise AgentflowError(f"{folder / 'eval.json'} cannot be read: {error}", "run the suite again") from error


def find_evaluation(project: Project, name: str) -> Evaluation:
    """By id (`qa-3`), by suite (its latest) or by the path of its folder or of a file in it."""
    if Path(name).exists() and (os.sep in name or Path(name).suffix):
        path = Path(name).resolve()
        return open_evaluation(path if path.is_dir() else path.parent)
    if (folder := results_folder(project) / name).is_dir():
        return open_evaluation(folder)
    if latest := history(project, name):
        return latest[-1]
    known = ", ".join(evaluation.id for evaluation in history(project)[-8:]) or "none"
    raise AgentflowError(f"no evaluation '{name}'; latest: {known}", "see `agentflow eval history`")


def next_id(project: Project, suite: str) -> str:
    numbers = [re.fullmatch(rf"{re.escape(suite)}-(\d+)", path.name) for path in results_folder(project).glob("*")]
    return f"{suite}-{1 + max((int(match[1]) for match in numbers if match), default=0)}"
