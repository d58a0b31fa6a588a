"""An MCP server as the SDK's own quickstart writes it; also shows what of the environment it was given."""

import os

from mcp.server.mcpserver import MCPServer

server = MCPServer("greeter")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def greet(name: str) -> str:
    """Greet somebody."""
    if not name:
        raise ValueError("nobody to greet")
    return f"Hello, {name}!"


@server.tool()
def environment() -> list[str]:
    """Names of the environment variables."""
    return sorted(os.environ)


if __name__ == "__main__":
    server.run("stdio")
