"""tools.yaml of a project: the network's allow-list and the MCP servers. Without the file there is neither."""

from pathlib import Path

from pydantic import Field, model_validator

from agentflow.project import Project
from agentflow.storage.strict import Strict
from agentflow.storage.yamlfile import check, load_yaml

FILE = "tools.yaml"


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


class Settings(Strict):
    network: Network = Network()
    servers: dict[str, McpServer] = Field(
        default_factory=dict, description="MCP servers by name; a tool is SERVER.TOOL"
    )

    @property
    def path(self) -> str:
        return FILE


def load_settings(project: Project) -> Settings:
    """The project's own tools.yaml. Raises ConfigError for a wrong one."""
    path: Path = project.root / FILE
    if not path.is_file():
        return Settings()
    data, marks = load_yaml(path)
    return check(Settings, data, marks)
