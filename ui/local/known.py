"""What the project knows, read from its database."""

from contextlib import closing
from typing import TYPE_CHECKING, Any

from ..known import KnownRow
from .database_thread import Desk

if TYPE_CHECKING:
    from agentflow.knowledge.notebook import Notebook


class LocalKnown:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def all(self) -> list[KnownRow]:
        def read() -> list[KnownRow]:
            if not self.desk.project.has_store:
                return []
            with closing(self._open()) as notebook:
                claims = notebook.claims()
                faults = notebook.faults(claims)
            return [KnownRow(claim, faults.get(claim.id, "")) for claim in claims]

        return await self.desk.do(read)

    async def say(self, id: str, **said: Any) -> None:
        def write() -> None:
            with closing(self._open()) as notebook:
                notebook.say(id, **said)

        await self.desk.do(write)

    def _open(self) -> "Notebook":
        from agentflow.knowledge.notebook import Notebook

        return Notebook(self.desk.project)
