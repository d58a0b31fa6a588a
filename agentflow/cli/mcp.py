"""`agentflow mcp`: research, search and workflows for other agents, by the Model Context Protocol."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentflow.cli.options import ModelOption, ProjectOption, parse_models

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from agentflow.corpus.filter import Filter
    from agentflow.engine import Engine


def mcp(
    graphs: Annotated[
        list[str] | None, typer.Option("--graph", "-g", help="A workflow that may be run; default: all. Repeatable.")
    ] = None,
    port: Annotated[
        int, typer.Option(help="Serve HTTP on this port of 127.0.0.1 instead of standard input and output.")
    ] = 0,
    model: ModelOption = None,
    project: ProjectOption = None,
) -> None:
    """Serve this project to other agents over MCP: research, search, list_workflows and run_workflow."""
    import asyncio

    from agentflow.engine import Engine
    from agentflow.project import Project

    async def serve() -> None:
        async with Engine(Project.open(project), models=parse_models(model)) as engine:
            server = build_server(engine, graphs or [])
            if port:
                await server.run_streamable_http_async(host="127.0.0.1", port=port)
            else:
                await server.run_stdio_async()

    asyncio.run(serve())


def build_server(engine: "Engine", graphs: list[str]) -> "MCPServer":
    """The server over an open engine. Raises AgentflowError when the mcp package is missing or a graph is unknown."""
    from agentflow.corpus.filter import Filter
    from agentflow.errors import AgentflowError

    try:
        from mcp.server.mcpserver import MCPServer
    except ImportError as error:
        raise AgentflowError("the mcp package is not installed", "pip install 'agentflow[mcp]'") from error
    for name in graphs:
        engine.project.find("graphs", name)
    allowed = graphs or sorted(engine.project.names("graphs"))
    server = MCPServer("agentflow", instructions="Research in local documents; every claim comes with an exact quote.")

    @server.tool()
    async def research(question: str, where: Filter | None = None) -> dict[str, Any]:
        """Answer a question from the documents, or from those that `where` lets through: claims with exact quotes and places."""
        return await _run(engine, "research", {"question": question}, where)

    @server.tool()
    async def search(query: str, k: int = 5, where: Filter | None = None) -> list[dict[str, Any]]:
        """Find the passages that match a query best, in all documents or in those that `where` lets through."""
        passages = await engine.search(query, k=max(1, min(k, 20)), where=where)
        return [{"place": str(p.place), "source": p.source, "text": p.text} for p in passages]

    @server.tool()
    async def list_workflows() -> list[dict[str, Any]]:
        """List the workflows that run_workflow can run, with their inputs."""
        from agentflow.graphs import load_graph

        loaded = [load_graph(engine.project, name) for name in allowed]
        return [{"name": g.name, "description": g.description, "inputs": g.inputs.model_json_schema()} for g in loaded]

    @server.tool()
    async def run_workflow(name: str, inputs: dict[str, Any], where: Filter | None = None) -> dict[str, Any]:
        """Run a workflow by name. One that asks a person comes back as paused, with its run id."""
        if name not in allowed:
            raise AgentflowError(f"no workflow '{name}' is served", f"known: {', '.join(allowed)}")
        return await _run(engine, name, inputs, where)

    return server


async def _run(engine: "Engine", graph: str, inputs: dict[str, Any], where: "Filter | None") -> dict[str, Any]:
    outcome = await engine.run(graph, inputs, where=where)
    return {"run": outcome.run, "status": outcome.status, "output": outcome.output, "message": outcome.message}
