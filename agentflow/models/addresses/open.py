"""The client of a models.yaml entry. What is served elsewhere may be a router with many servers behind it, so that one URL is
treated as several are: what failed is asked again."""

from pathlib import Path

from agentflow.events import Sink
from agentflow.models.addresses.balanced_client import BalancedClient
from agentflow.models.addresses.drained import Drained
from agentflow.models.addresses.fleet import Fleet
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.client import Client
from agentflow.models.servers.factory import open_server, open_servers


def open_client(config: ModelConfig, state: Path, sink: Sink) -> Client | BalancedClient:
    """Nothing is started yet. `state` is the project's folder for what is written. Raises as `open_servers`."""
    if config.backend != "endpoint" and config.replicas == 1:
        return Client(config, open_server(config, sink))
    return BalancedClient(config, Fleet(config, open_servers(config, sink), Drained(state), sink))
