"""What a kind of server needs to be started: its command line and how to see that it is ready."""

import hashlib
import json
import secrets
import socket
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.models.catalog.model_config import ModelConfig

SOCKET_BYTES = 100


@dataclass(frozen=True, slots=True)
class ServerCommand:
    """`{supervisor}` in `argv` and `stdin` becomes the supervisor's pid. `ready_line`: the server prints one JSON line when it
    is ready; otherwise it is ready when `health` answers 200."""

    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    stdin: str = ""
    ready_line: bool = False
    url: str = ""
    socket: str = ""
    key: str = ""
    model: str = ""
    health: str = "/health"

    def orders(self, folder: Path, keep_alive: float) -> dict[str, Any]:
        return {**asdict(self), "folder": str(folder), "keep_alive": keep_alive}


def new_key() -> str:
    return secrets.token_urlsafe(24)


def free_port(config: ModelConfig) -> int:
    """The entry's own port, else a free one. Raises AgentflowError when the own one is taken."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", config.port or 0))
        except OSError as error:
            raise AgentflowError(
                f"port {config.port} of '{config.name}' is taken by another program",
                f"end that program, or change or remove `port` of '{config.name}' in models.yaml",
            ) from error
        return int(probe.getsockname()[1])


def socket_path(folder: Path) -> str:
    """The Unix socket of a server folder; empty where its path would be too long or sockets do not exist."""
    path = str(folder / f"s{secrets.token_hex(2)}")
    return path if hasattr(socket, "AF_UNIX") and len(path) < SOCKET_BYTES else ""


def fingerprint(config: ModelConfig, *weights: Path) -> str:
    """Names a server: two entries with the same weights and settings share one."""
    own = {
        *("abilities", "description", "keep_alive", "sampling", "timeout", "template", "max_thinking"),
        *("replicas", "balance"),
    }
    shared = config.model_dump(exclude=own)
    files = []
    for path in weights:
        status = path.stat()
        files.append([str(path.resolve()), status.st_size, status.st_mtime_ns])
    text = json.dumps([shared, config.template.file, files], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
