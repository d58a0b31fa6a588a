"""`agentflow tools list | show | run`: what agents and workflows may call, and one call by hand."""

import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.cli.options import JsonOption, ProjectOption, parse_pairs, print_json
from agentflow.cli.output import json_text, say

if TYPE_CHECKING:
    from agentflow.project import Project
    from agentflow.runs.outcome import Outcome
    from agentflow.toolbox import Tool

app = typer.Typer(name="tools", help="Tools: list, show, run.", no_args_is_help=True)
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="A tool's name; SERVER.TOOL for one of an MCP server.")
]


@app.command("list")
def list_tools(
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Start the MCP servers of tools.yaml and list their tools too.")
    ] = False,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """List the tools, the project's before those that ship; one whose file fails hides no other."""
    from agentflow.errors import ConfigError
    from agentflow.project import Project
    from agentflow.toolbox import load_tool

    opened = Project.open(project)
    found: list[Tool] = []
    broken: dict[str, str] = {}
    for name in sorted(opened.names("tools")):
        try:
            found.append(load_tool(opened, name))
        except ConfigError as error:
            broken[name] = error.message
    if mcp:
        import asyncio

        from agentflow.toolbox.mcp_client import list_mcp_tools
        from agentflow.toolbox.settings import load_settings

        found += asyncio.run(list_mcp_tools(load_settings(opened)))
    if json:
        print_json([*map(_facts, found), *({"name": name, "error": reason} for name, reason in broken.items())])
        return
    width = max(len(name) for name in [*broken, *(tool.name for tool in found)])
    for tool in found:
        marks = "".join(f" [{mark}]" for mark in _marks(tool))
        say(f"{tool.name:<{width}}  {tool.description}{marks}")
    for name, reason in broken.items():
        say(f"{name:<{width}}  cannot be loaded: {reason}")


@app.command()
def show(name: NameArgument, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Show one tool: its schema, limits and file."""
    from agentflow.project import Project
    from agentflow.toolbox.tool import signature

    tool = _tool(Project.open(project), name)
    if json:
        print_json({**_facts(tool), "schema": tool.schema, "returns": tool.returns})
        return
    say(f"{tool.name}({signature(tool.parameters)})\n\n{tool.description}\n")
    for key, schema in tool.parameters.get("properties", {}).items():
        say(f"  {key}: {schema.get('description') or jsonlib.dumps(schema)}")
    marks = ", ".join(_marks(tool)) or "no network, may be repeated, no approval"
    say(f"\n{marks}\n{tool.source}")


@app.command()
def run(
    name: NameArgument,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE...", help="Values are text, or JSON where the type asks for it."),
    ] = None,
    hosts: Annotated[
        list[str] | None, typer.Option("--host", help="A host that a network tool may reach, within tools.yaml.")
    ] = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Call one tool, as a run of its own: under the same policy, in the same journal."""
    import asyncio

    from agentflow.cli.session import carry, exit_code
    from agentflow.cli.session import opened as open_engine
    from agentflow.project import Project

    opened = Project.open(project)
    tool = _tool(opened, name)
    given = _arguments(tool, parse_pairs(arguments, "an argument"))
    tool.validate(given)
    file = _workflow(opened, tool, list(given), hosts or [])

    async def call() -> "Outcome":
        async with open_engine(opened) as engine:
            return await carry(engine, engine.run(str(file), {"arguments": given}))

    outcome = asyncio.run(call())
    if json:
        result = outcome.output.get("result")
        print_json({"run": outcome.run, "status": outcome.status, "result": result, "message": outcome.message})
    elif outcome.output:
        result = outcome.output["result"]
        say(result if isinstance(result, str) else json_text(result, indent=2))
    else:
        say(f"{outcome.status}: {outcome.message}", err=True)
    raise typer.Exit(exit_code(outcome.status))


def _tool(project: "Project", name: str) -> "Tool":
    from agentflow.toolbox import Toolbox

    return Toolbox(project, [name]).tool(name)


def _facts(tool: "Tool") -> dict[str, Any]:
    return {
        "name": tool.name, "description": tool.description, "network": tool.network, "once": tool.once,
        "approval": tool.approval, "file": str(tool.source),
    }  # fmt: skip


def _marks(tool: "Tool") -> list[str]:
    words = {"network": "needs the network", "once": "not repeated after a crash", "approval": "asks a person"}
    return [word for key, word in words.items() if getattr(tool, key)]


def _arguments(tool: "Tool", given: dict[str, str]) -> dict[str, Any]:
    known = tool.parameters.get("properties", {})
    values: dict[str, Any] = {}
    for key, text in given.items():
        schema = known.get(key, {})
        types = {schema.get("type"), *(option.get("type") for option in schema.get("anyOf", ()))}
        try:
            values[key] = text if "string" in types or types == {None} else jsonlib.loads(text)
        except ValueError:
            values[key] = text
    return values


def _workflow(project: "Project", tool: "Tool", names: list[str], hosts: list[str]) -> Path:
    """A one-node workflow for the call, kept with the project's state so that the run can be resumed."""
    limits = {"hosts": hosts} if hosts else None
    arguments = {name: "{{ inputs.arguments['" + name + "'] }}" for name in names}
    data = {
        "description": f"One call of {tool.name}.",
        "inputs": {"arguments": {"type": "object"}},
        "tools": {tool.name: limits},
        "nodes": {"call": {"kind": "tool", "tool": tool.name, "arguments": arguments}},
        "output": {"result": "{{ call }}"},
    }
    folder = project.state / "calls"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{'-'.join([tool.name, *names, *hosts])[:100]}.yaml"
    path.write_text(jsonlib.dumps(data), "utf-8")
    return path
