"""Where an experiment of a run works, what data it may read, and for how long."""

from pathlib import Path

from agentflow.context import Context
from agentflow.toolbox.policy import granted

FOLDER = "experiment"  # beneath the run's files
MOST_SECONDS = 300.0


def experiment_folder(context: Context) -> Path:
    return context.project.run_folder(context.run) / "files" / FOLDER


def data_roots(context: Context) -> list[Path]:
    """The project's folder, and what the person named with --docs."""
    return [context.project.root, *context.docs]


def seconds() -> float:
    """Less than the tool's own time, so that the sandbox ends first and says why."""
    return max(1.0, min(granted().seconds - 5, MOST_SECONDS))
