"""What the check of a node needs to know: the project's tools and graphs, and what the workflow allows."""

from collections.abc import Callable
from pathlib import Path

from agentflow.errors import AgentflowError
from agentflow.graph import LoadGraph
from agentflow.project import Project
from agentflow.text.suggest import suggest
from agentflow.toolbox import Tool, load_tool
from agentflow.workflow.parse import Workflow
from agentflow.workflow.types import in_words
from agentflow.workflow.validation.infer import Names, Say, infer


class Surroundings:
    """`roles` gathers those that the nodes ask for. `above` are this workflow and those that run it; `load_graph` and
    `check` find and check the graphs that it runs itself."""

    def __init__(
        self, project: Project, workflow: Workflow, above: tuple[Path, ...], load_graph: LoadGraph,
        check: Callable[[Path], Workflow],
    ) -> None:  # fmt: skip
        self.project = project
        self.workflow = workflow
        self.problems = workflow.problems
        self.above = above
        self.load_graph = load_graph
        self.check = check
        self.roles = workflow.roles

    def say(self, where: tuple[str | int, ...]) -> Say:
        return lambda message, hint, line: self.problems.add(where, message, hint, inside=line)

    def check_tools(self) -> None:
        """Every tool under `tools:` exists; a tool of an MCP server (SERVER.TOOL) is known only once it is asked."""
        from agentflow.toolbox.settings import load_settings

        settings = load_settings(self.project)
        for name, grant in self.workflow.file.tools.items():
            where = ("tools", name)
            if "." in name:
                server = name.split(".", 1)[0]
                if server not in settings.servers:
                    self.problems.add(
                        where, f"no MCP server named '{server}'", suggest(server, list(settings.servers)), key=True
                    )
                continue
            tool = self.tool(name, where)
            if tool and tool.network and not settings.network.hosts:
                hint = "list the allowed hosts under `network:` in tools.yaml"
                self.problems.add(where, f"'{name}' needs the network, which is off", hint, key=True, warning=True)
            if tool and grant and grant.paths is not None and not tool.paths:
                self.problems.add((*where, "paths"), f"'{name}' takes no file path", "remove `paths`")

    def tool(self, name: str, where: tuple[str | int, ...], *, key: bool = True) -> Tool | None:
        known = self.project.names("tools")
        if name not in known:
            self.problems.add(where, f"no tool named '{name}'", suggest(name, list(known)), key=key)
            return None
        try:
            return load_tool(self.project, name)
        except AgentflowError as error:
            self.problems.add(where, error.message, error.hint, key=key)
            return None

    def allowed(self, name: str, where: tuple[str | int, ...]) -> Tool | None:
        """A tool that the workflow names under `tools:`; anything else is a problem."""
        allowed = self.workflow.file.tools
        if name not in allowed:
            exists = name in self.project.names("tools") or "." in name
            message = f"the tool '{name}' is not allowed here" if exists else f"no tool named '{name}'"
            hint = f"name it under `tools:` to allow it; allowed: {', '.join(allowed) or 'none'}"
            self.problems.add(where, message, hint if exists else suggest(name, list(self.project.names("tools"))))
            return None
        return load_tool(self.project, name) if name in self.project.names("tools") else None

    def role(self, role: str, where: tuple[str | int, ...]) -> None:
        self.roles.add(role)
        declared = self.workflow.file.roles
        if role != "default" and role not in declared:
            self.problems.add(
                where, f"the role '{role}' is missing under `roles:`", suggest(role, [*declared, "default"])
            )


def list_of(
    source: str, mark: str, names: Names, around: Surroundings, where: tuple[str | int, ...], what: str
) -> None:
    found = infer(source, names, around.say(where))
    items = found.get("items") or {}
    wrong = items and mark not in items.get("properties", {})
    if (found and found.get("type") != "array") or wrong:
        around.problems.add(where, f"needs {what}, found {in_words(found)}", "write NODE.passages or NODE.evidence")


def wants(source: str, names: Names, around: Surroundings, where: tuple[str | int, ...], kind: str, what: str) -> None:
    found = infer(source, names, around.say(where))
    if found.get("type", kind) != kind:
        around.problems.add(where, f"needs {what}, found {in_words(found)}", "use another value")
