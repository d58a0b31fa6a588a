"""Workflows: listed by name, drawn and checked by the worker."""

import ast
from typing import Any

from ..backend import InputField, Shape, WorkflowRow
from .database_thread import Desk
from .worker_client import Child

KINDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "yes"}


class LocalWorkflows:
    def __init__(self, desk: Desk, child: Child) -> None:
        self.desk = desk
        self.child = child
        self.known: dict[str, dict[str, Any]] = {}

    async def all(self) -> list[WorkflowRow]:
        def read() -> list[WorkflowRow]:
            found = self.desk.project.names("graphs")
            return [
                WorkflowRow(name, str(path), _description(path.suffix, path.read_text("utf-8")))
                for name, path in sorted(found.items())
            ]

        return await self.desk.do(read)

    async def _graph(self, name: str) -> dict[str, Any]:
        if name not in self.known:
            self.known[name] = await self.child.ask("graph", name=name)
        return self.known[name]

    async def shape(self, name: str) -> Shape:
        graph = await self._graph(name)
        return Shape(tuple(graph["nodes"]), tuple((source, target) for source, target in graph["edges"]))

    async def fields(self, name: str) -> list[InputField]:
        schema = (await self._graph(name))["inputs"]
        required = set(schema.get("required", ()))
        return [_field(key, entry, key in required) for key, entry in schema.get("properties", {}).items()]

    async def check(self, name: str) -> list[str]:
        """A Python graph is checked by loading it; a YAML file is told all its problems."""
        self.known.pop(name, None)
        path = await self.desk.do(lambda: self.desk.project.find("graphs", name))
        if path.suffix == ".py":
            await self._graph(name)
            return []

        def check() -> list[str]:
            from agentflow.graphs import check_file

            return [
                f"{path.name}:{item.line}:{item.column} {item.message}; {item.hint}"
                for item in check_file(self.desk.project, path)
            ]

        return await self.desk.do(check)


def _description(suffix: str, source: str) -> str:
    """The first line of a Python file's docstring, or the description of a YAML file; neither file is run."""
    if suffix == ".py":
        return (ast.get_docstring(ast.parse(source)) or "").split("\n")[0]
    line = next((line for line in source.splitlines() if line.startswith("description:")), "")
    return line.removeprefix("description:").strip().strip("\"'")


def _field(name: str, entry: dict[str, Any], required: bool) -> InputField:
    choices = tuple(str(value) for value in entry.get("enum", ()))
    kind = KINDS.get(entry.get("type", ""), "json")
    return InputField(name, kind, entry.get("default"), required, entry.get("description", ""), choices)
