"""The server of a models.yaml entry, or its servers."""

from agentflow.events import Sink, ignore
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.servers import embedded, llama_server, vllm
from agentflow.models.servers.command import ServerCommand, fingerprint
from agentflow.models.servers.endpoint import Remote
from agentflow.models.servers.managed import Managed
from agentflow.models.servers.server import Server
from agentflow.models.servers.server_dir import ServerDir, place
from agentflow.models.weights.locate import load_files

LAUNCH = {"llama": embedded.launch, "vllm": vllm.launch, "llama-server": llama_server.launch}


def open_servers(config: ModelConfig, sink: Sink = ignore) -> dict[str, Server]:
    """By address, none started yet. Raises Unavailable when weights are missing, AgentflowError when this machine cannot
    serve it."""
    if config.backend == "endpoint":
        return {url: Remote(config, url) for url in config.url}
    served = config.served
    files = load_files(served, sink)

    def launch(folder: ServerDir) -> ServerCommand:
        return LAUNCH[config.backend](served, files, folder)

    known = fingerprint(served, *files.paths)
    return {
        address: Managed(config, place(served.name, known, number), launch, sink, address)
        for number, address in enumerate(config.addresses)
    }


def open_server(config: ModelConfig, sink: Sink = ignore) -> Server:
    """The first of `open_servers`."""
    return next(iter(open_servers(config, sink).values()))
