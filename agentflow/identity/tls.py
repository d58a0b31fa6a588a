"""A server's certificates, as uvicorn takes them."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from agentflow.errors import AgentflowError, ConfigError
from agentflow.federation.settings import Tls, is_loopback
from agentflow.identity.peer import NamedPeer, watch_handshakes


def config_of(app: Any, root: Path, tls: Tls, file: str, refused: Callable[[str], None], **more: Any) -> uvicorn.Config:
    """Loaded; `refused` hears why a certificate was not accepted, `more` is uvicorn's. Raises ConfigError, naming `file`, for
    certificates that cannot be used."""
    settings = {"log_config": None, "access_log": False, "lifespan": "off", "timeout_graceful_shutdown": 3, **more}
    config = uvicorn.Config(app, http=NamedPeer, server_header=False, **_files(root, tls), **settings)
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"{file}: a certificate cannot be used ({error})", "name PEM files that can be read"
        ) from error
    if config.ssl:
        watch_handshakes(config.ssl, refused)
    return config


def require_encrypted(host: str, tls: Tls, file: str, *, plain: bool) -> None:
    """Raises AgentflowError for http beyond this machine that nobody has allowed."""
    if not is_loopback(host) and not tls.certificate and not plain:
        raise AgentflowError(
            f"on {host} anybody on the way could read what is asked and answered",
            f"name a certificate in {file}, or allow it with --plain where the network is your own",
        )


def _files(root: Path, tls: Tls) -> dict[str, Any]:
    if not tls.certificate or not tls.private_key:
        return {}
    files = {"ssl_certfile": root / tls.certificate, "ssl_keyfile": root / tls.private_key}
    if tls.clients:
        return {**files, "ssl_ca_certs": root / tls.clients, "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return files
