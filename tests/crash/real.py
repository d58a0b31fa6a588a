"""The research graph with the starter model on the real embedded server, which outlives the processes that are killed."""

from pathlib import Path
from typing import Any

from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.pool import Models
from agentflow.project import Project
from tests.crash.harness import Logged, Victim, write_towers
from tests.crash.plain import PlainVictim

KEPT = """
models:
  starter: {{keep_alive: 30, threads: 1, env: {{TOWERS: {root}}}}}
"""  # a server of its own, which outlives each process


class LoggedServer(Logged, Models):
    def __init__(self, project: Project, log: Path) -> None:
        super().__init__(load_catalog(project.models_files()), project.state)
        self.log = log


class RealVictim(Victim):
    def models(self) -> Any:
        return LoggedServer(Project(self.root), self.log)


class RealPlainVictim(PlainVictim):
    models = RealVictim.models


def write_served_towers(root: Path) -> Path:
    write_towers(root)
    (root / "models.yaml").write_text(KEPT.format(root=root))
    return root
