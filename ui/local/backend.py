"""All of it together, on one project of this machine."""

from pathlib import Path

from ..backend import Overview
from .database_thread import Desk
from .documents import LocalDocuments
from .evals import LocalEvals
from .known import LocalKnown
from .models import LocalModels
from .runs import LocalRuns
from .worker_client import Child
from .workflows import LocalWorkflows


class LocalBackend:
    def __init__(self, desk: Desk, child: Child) -> None:
        self.desk = desk
        self.child = child
        self.root = desk.project.root
        self.runs = LocalRuns(desk)
        self.documents = LocalDocuments(desk, child)
        self.models = LocalModels(desk, child)
        self.workflows = LocalWorkflows(desk, child)
        self.evals = LocalEvals(desk)
        self.known = LocalKnown(desk)

    @classmethod
    def open(cls, project: Path | None = None) -> "LocalBackend":
        """Opens nothing yet but the project's folder. Raises AgentflowError for one that does not exist."""
        desk = Desk(project)
        found = desk.project
        return cls(desk, Child(found.root, found.state / "live" / "worker.log"))

    async def overview(self) -> Overview:
        models = await self.models.all()
        documents = await self.documents.all()
        good = [row for row in documents if not row.error]
        answers = next((row.name for row in models if "writer" in row.roles), "")
        return Overview(
            project=self.root.name, documents=len(good), passages=sum(row.passages for row in good),
            failed=len(documents) - len(good), model=answers, models=len(models),
            servers=tuple(row.name for row in models if row.state == "running"),
        )  # fmt: skip

    async def close(self) -> None:
        await self.child.close()
        self.desk.close()
