"""tools.yaml of a project: the network's allow-list, a search engine, scholarly sources, the MCP servers. Without the file
there is none."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from agentflow.project import Project
from agentflow.storage.strict import Strict
from agentflow.storage.yamlfile import check, load_yaml

FILE = "tools.yaml"
SourceName = Literal["arxiv", "crossref", "openalex", "semantic_scholar", "pubmed", "pmc"]


class Network(Strict):
    hosts: tuple[str, ...] = Field(
        default=(), description="host names that network tools may reach; *.example.org for subdomains"
    )


class McpServer(Strict):
    """An MCP server: a command that speaks on its standard input and output, or the URL of one on this machine."""

    command: tuple[str, ...] = Field(default=(), description="program and arguments")
    env: dict[str, str] = Field(default_factory=dict, description="added to the few safe variables it inherits")
    url: str = Field(
        default="", description="streamable HTTP endpoint; its host must stand in network.hosts unless it is loopback"
    )
    tools: tuple[str, ...] = Field(default=(), description="which of its tools may be granted at all; empty is all")

    @model_validator(mode="after")
    def one_way_in(self) -> "McpServer":
        if bool(self.command) == bool(self.url):
            raise ValueError("give either a command or a url")
        return self


class Web(Strict):
    """The search engine of `web_search` and `research --web`, and how pages are fetched."""

    engine: Literal["searxng", "brave", "tavily"] = Field(default="searxng", description="whose interface it speaks")
    url: str = Field(
        default="", pattern="^(https?://[^/?#@ ]+[^?# ]*)?$",
        description="of a SearXNG that you run, say http://localhost:8888; Brave and Tavily have their own",
    )  # fmt: skip
    key: str = Field(default="", description="the environment variable that holds the key, for engines that need one")
    results: int = Field(default=10, ge=1, le=20, description="results asked for")
    pages: int = Field(default=4, ge=1, le=20, description="pages that one research run reads")
    fresh: float = Field(default=24.0, ge=0, description="hours for which a page that was read is not fetched again")
    delay: float = Field(default=1.0, ge=0, le=60, description="seconds between two requests to one host, at least")
    size: int = Field(default=5_000_000, ge=1000, description="bytes of a page; what is longer is cut")


class PaperSource(Strict):
    """What one scholarly source is told beside the query."""

    url: str = Field(
        default="", pattern="^(https?://[^/?#@ ]+[^?# ]*)?$",
        description="of a mirror that you trust, instead of the public address; it may lie in your own network",
    )  # fmt: skip
    key: str = Field(default="", description="the environment variable that holds the key")
    delay: float | None = Field(
        default=None, ge=0, le=60, description="seconds between two requests; without it what the source asks for"
    )


class Papers(Strict):
    """How `agentflow fetch` and the tools of the scholarly sources ask, and what is kept of papers."""

    mailto: str = Field(
        default="", pattern=r"^([^@\s]+@[^@\s]+)?$", description="your address, told to the sources, as they ask for"
    )
    folder: str = Field(default="papers", min_length=1, description="of the project, for PDFs; a folder a collection")
    size: int = Field(default=50_000_000, ge=1000, description="bytes of a PDF; a longer one is not kept")
    delay: float = Field(default=3.0, ge=0, le=60, description="seconds between two PDFs of one host, at least")
    sources: dict[SourceName, PaperSource] = Field(
        default_factory=dict, description="by name, where there is more to say"
    )


class ToolSettings(Strict):
    network: Network = Network()
    web: Web | None = Field(default=None, description="web search; off without")
    papers: Papers = Papers()
    servers: dict[str, McpServer] = Field(
        default_factory=dict, description="MCP servers by name; a tool is SERVER.TOOL"
    )


def load_settings(project: Project) -> ToolSettings:
    """The project's own tools.yaml. Raises ConfigError for a wrong one."""
    path: Path = project.root / FILE
    if not path.is_file():
        return ToolSettings()
    data, marks = load_yaml(path)
    return check(ToolSettings, data, marks)
