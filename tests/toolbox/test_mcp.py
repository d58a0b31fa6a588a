"""MCP by the official SDK: a real server used as tools, and ours used by the SDK's own client."""

import asyncio
import json
import socket
import sys
from pathlib import Path

import pytest

from agentflow.cli.mcp import build_server
from agentflow.engine import Engine
from agentflow.errors import Unavailable
from agentflow.project import Project
from agentflow.testing import ScriptedModels
from agentflow.toolbox import ToolFailed, ToolRefused
from agentflow.toolbox.mcp_client import list_mcp_tools, load_mcp_tool
from agentflow.toolbox.settings import ToolSettings, load_settings

GREETER = Path(__file__).with_name("greeter.py")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "models.yaml").write_text("models: {}\n")
    (tmp_path / "tools.yaml").write_text(
        json.dumps({"servers": {"greeter": {"command": [sys.executable, str(GREETER)]}}})
    )
    return Project(tmp_path)


async def test_tools_of_a_real_server_are_listed_with_their_schemas(project: Project) -> None:
    tools = {tool.name: tool for tool in await list_mcp_tools(load_settings(project))}
    assert set(tools) == {"greeter.add", "greeter.greet", "greeter.environment"}
    tools["greeter.add"].validate({"a": 1, "b": 2})
    with pytest.raises(ToolFailed):
        tools["greeter.add"].validate({"a": 1})


async def test_a_tool_of_a_real_server_is_called(project: Project) -> None:
    tool = load_mcp_tool(load_settings(project), "greeter.add")
    assert await tool.function(a=2, b=3) == {"result": 5}
    with pytest.raises(ToolFailed, match="greet"):
        await load_mcp_tool(load_settings(project), "greeter.greet").function(name="")


async def test_S10_a_server_does_not_inherit_secrets__ASI03(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_TOKEN", "secret")
    names = await load_mcp_tool(load_settings(project), "greeter.environment").function()
    assert "CANARY_TOKEN" not in json.dumps(names)


async def test_unknown_servers_and_tools_are_refused(project: Project) -> None:
    with pytest.raises(ToolRefused, match="no MCP server"):
        load_mcp_tool(load_settings(project), "files.read")
    with pytest.raises(ToolRefused, match="offers no"):
        load_mcp_tool(load_settings(project), "greeter.nothing")


async def test_a_workflow_uses_an_mcp_tool_under_its_policy(project: Project) -> None:
    path = project.root / "w.yaml"
    path.write_text(
        "description: d\ntools: {greeter.add: {calls: 1}}\nnodes:\n"
        "  a: {kind: tool, tool: greeter.add, arguments: {a: 1, b: 2}}\noutput: {sum: '{{ a.result }}'}\n"
    )
    async with Engine(project, pool=ScriptedModels(lambda request: "")) as engine:
        outcome = await engine.run(str(path), {})
    assert (outcome.status, outcome.output) == ("done", {"sum": 3})


async def test_our_server_answers_the_sdk_client(project: Project) -> None:
    from mcp.client.client import Client

    (project.root / "graphs").mkdir()
    (project.root / "graphs" / "double.yaml").write_text(
        "description: Doubles.\ninputs: {n: integer}\nnodes:\n  a: {kind: set, values: {x: '{{ inputs.n * 2 }}'}}\noutput: {n: '{{ a.x }}'}\n"
    )
    async with (
        Engine(project, pool=ScriptedModels(lambda request: "")) as engine,
        Client(build_server(engine, ["double"])) as client,
    ):
        names = {tool.name for tool in (await client.list_tools()).tools}
        ran = await client.call_tool("run_workflow", {"name": "double", "inputs": {"n": 21}})
        refused = await client.call_tool("run_workflow", {"name": "agent", "inputs": {}})
    assert names == {"research", "search", "list_workflows", "run_workflow"}
    assert ran.structured_content["output"] == {"n": 42}
    assert refused.is_error


async def test_our_server_over_http_is_used_like_any_other(project: Project) -> None:
    """`agentflow mcp --port` at one end, a `url:` of tools.yaml at the other."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ToolSettings.model_validate({"servers": {"us": {"url": f"http://127.0.0.1:{port}/mcp"}}})
    async with Engine(project, pool=ScriptedModels(lambda request: "")) as engine:
        served = asyncio.create_task(build_server(engine, []).run_streamable_http_async(host="127.0.0.1", port=port))
        try:
            while True:
                try:
                    tools = {tool.name: tool for tool in await list_mcp_tools(settings)}
                    break
                except Unavailable:
                    assert not served.done(), "it ended before it listened"
                    await asyncio.sleep(0.1)
            found = await tools["us.search"].function(query="cats")
        finally:
            served.cancel()
            await asyncio.gather(served, return_exceptions=True)
    assert set(tools) == {"us.research", "us.search", "us.list_workflows", "us.run_workflow"}
    assert found == {"result": []}
