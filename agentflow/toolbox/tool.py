"""One tool: a typed function in tools/NAME.py (or a tool of an MCP server), with what the policy must know about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from agentflow.errors import ConfigError
from agentflow.project import Project
from agentflow.toolbox.errors import ToolFailed
from agentflow.toolbox.signature import parameters, returns, takes_context


@dataclass(frozen=True, slots=True)
class Tool:
    """`once`: repeating its effect would harm. `network`: off unless tools.yaml turns the network on.

    `approval`: a person confirms each call. `paths`: names of the arguments that hold file paths.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    function: Callable[..., Any]
    returns: dict[str, Any] = field(default_factory=dict)
    source: Path = Path()
    takes_context: bool = False
    once: bool = False
    network: bool = False
    approval: bool = False
    paths: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """The OpenAI function schema."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}

    def validate(self, arguments: Any) -> None:
        """Raises ToolFailed."""
        if problem := mismatches(arguments, self.parameters):
            raise ToolFailed(f"{self.name}: {problem}", f"arguments: {signature(self.parameters)}")


def mismatches(value: Any, schema: dict[str, Any]) -> str:
    """The first three places where the value does not fit the schema; empty when it does."""
    errors = sorted(Draft202012Validator(schema).iter_errors(value), key=lambda e: list(map(str, e.path)))
    return "; ".join(_explained(error) for error in errors[:3])


def load_tool(project: Project, name: str) -> Tool:
    """The function NAME of tools/NAME.py. Raises AgentflowError for an unknown name, ConfigError for a wrong file."""
    path = project.find("tools", name)
    module = project.load("tools", name)
    function = getattr(module, name, None)
    if not callable(function):
        raise ConfigError(
            f"{path}:1:1: no function named '{name}'", f"a tool's file holds a function of its name: def {name}(...)"
        )
    description = " ".join((function.__doc__ or module.__doc__ or "").split("\n\n")[0].split())
    if not description:
        raise ConfigError(
            f"{path}:1:1: the tool '{name}' has no docstring", "its first paragraph tells the model what it does"
        )
    return Tool(
        name=name,
        description=description,
        parameters=parameters(function),
        function=function,
        returns=returns(function),
        source=path,
        takes_context=takes_context(function),
        once=bool(getattr(module, "ONCE", False)),
        network=bool(getattr(module, "NETWORK", False)),
        approval=bool(getattr(module, "APPROVAL", False)),
        paths=tuple(getattr(module, "PATHS", ())),
    )


def signature(parameters: dict[str, Any]) -> str:
    """`query: string, k?: integer`, as prompts and messages show a tool's parameters."""
    required = set(parameters.get("required", ()))
    return ", ".join(
        f"{name}{'' if name in required else '?'}: {_type(schema)}"
        for name, schema in parameters.get("properties", {}).items()
    )


def shown(functions: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Functions (as `function` of OpenAI's schemas) as a prompt names them."""
    return [
        {
            "name": item["name"],
            "parameters": signature(item["parameters"]),
            "description": item["description"].split("\n")[0][:200],
        }
        for item in functions
    ]


def _type(schema: dict[str, Any] | bool) -> str:
    if isinstance(schema, bool):  # JSON schema allows it: anything, or nothing
        return "any"
    if options := schema.get("anyOf"):
        return " or ".join(_type(option) for option in options)
    return str(schema.get("type", "string" if "enum" in schema else "any"))


def _explained(error: Any) -> str:
    where = ".".join(str(part) for part in error.path)
    message = error.message if len(error.message) <= 200 else error.message[:197] + "..."
    return f"{where}: {message}" if where else message
