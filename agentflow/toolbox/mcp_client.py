"""Tools of MCP servers, by the official SDK: SERVER.TOOL, under the same policy as every other tool.

A server is started (or connected to) for each call, so that nothing runs on between runs. It inherits a few safe
variables of the environment and those that tools.yaml names, never the whole of it.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agentflow.errors import AgentflowError, Unavailable
from agentflow.toolbox.errors import ToolFailed, ToolRefused
from agentflow.toolbox.settings import FILE, McpServer, ToolSettings
from agentflow.toolbox.tool import Tool

START_SECONDS = 120.0  # a Python server on a busy machine imports for long


def load_mcp_tool(settings: ToolSettings, name: str) -> Tool:
    """Raises ToolRefused for a server or tool that tools.yaml does not allow, Unavailable when it does not start."""
    server_name, _, tool_name = name.partition(".")
    server = settings.servers.get(server_name)
    if server is None:
        known = ", ".join(settings.servers) or "none"
        raise ToolRefused(
            f"no MCP server named '{server_name}'; known: {known}", f"describe it under `servers:` in {FILE}"
        )
    tools = {tool.name: tool for tool in _listed(server_name, server.model_dump_json(), settings.network.hosts)}
    if name not in tools:
        raise ToolRefused(
            f"the MCP server '{server_name}' offers no '{tool_name}'", f"it offers: {', '.join(tools) or 'none'}"
        )
    return tools[name]


async def list_mcp_tools(settings: ToolSettings) -> list[Tool]:
    """Every tool of every server that tools.yaml describes and allows."""
    found = []
    for name, server in settings.servers.items():
        found += await _tools(name, server, settings.network.hosts)
    return found


@cache
def _listed(name: str, server: str, hosts: tuple[str, ...]) -> tuple[Tool, ...]:
    """Asked once in a process; from a thread of its own, because the asker may be inside a running loop."""
    with ThreadPoolExecutor(1) as thread:
        asked = _tools(name, McpServer.model_validate_json(server), hosts)
        return tuple(thread.submit(asyncio.run, asked).result())


async def _tools(name: str, server: McpServer, hosts: tuple[str, ...]) -> list[Tool]:
    try:
        async with asyncio.timeout(START_SECONDS), _client(name, server, hosts) as client:
            listed = await client.list_tools()
    except AgentflowError:
        raise
    except Exception as error:  # a foreign process: whatever it breaks on, the person is told which server it was
        raise Unavailable(
            f"the MCP server '{name}' does not answer: {_reason(error)}", f"check it in {FILE}"
        ) from error
    return [_tool(name, server, hosts, tool) for tool in listed.tools if not server.tools or tool.name in server.tools]


def _tool(name: str, server: McpServer, hosts: tuple[str, ...], tool: Any) -> Tool:
    """What the server says of a tool is a hint; only `readOnlyHint` lets it be repeated after a crash."""

    async def call(**arguments: Any) -> Any:
        try:
            async with _client(name, server, hosts) as client:
                result = await client.call_tool(tool.name, arguments)
        except AgentflowError:
            raise
        except Exception as error:
            raise ToolFailed(f"the MCP server '{name}' broke off: {_reason(error)}", f"check it in {FILE}") from error
        text = "\n".join(part.text for part in result.content if hasattr(part, "text"))
        if result.is_error:
            raise ToolFailed(f"{name}.{tool.name}: {text}", "change the arguments")
        return text if result.structured_content is None else result.structured_content

    hints = tool.annotations
    harmless = bool(hints and (hints.read_only_hint or hints.idempotent_hint))
    description = " ".join((tool.description or tool.name).split("\n\n")[0].split())
    return Tool(
        name=f"{name}.{tool.name}", description=description, parameters=tool.input_schema, function=call,
        returns=tool.output_schema or {}, source=Path(FILE), once=not harmless,
    )  # fmt: skip


def _client(name: str, server: McpServer, hosts: tuple[str, ...]) -> Any:
    try:
        from mcp.client.client import Client
        from mcp.client.stdio import StdioServerParameters
    except ImportError as error:
        raise AgentflowError("the mcp package is not installed", "pip install 'agentflow[mcp]'") from error
    if server.url:
        _check_host(name, server.url, hosts)
        return Client(server.url)
    program, *arguments = server.command
    return Client(StdioServerParameters(command=program, args=arguments, env=server.env or None))


def _check_host(name: str, url: str, hosts: tuple[str, ...]) -> None:
    host = urlsplit(url).hostname or ""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local and host not in hosts:
        raise ToolRefused(
            f"the MCP server '{name}' is on {host}, which is not allowed", f"list it under `network:` in {FILE}"
        )


def _reason(error: BaseException) -> str:
    """The innermost message of a group of errors."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
