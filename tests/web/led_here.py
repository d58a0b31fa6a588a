"""Names of a made web lead to this machine's server, which counts as public; nothing else does."""

from typing import Protocol

import pytest

from agentflow.toolbox import network


class Made(Protocol):
    port: int

    def resolve(self, host: str, port: int) -> list[str]: ...


def lead_here(monkeypatch: pytest.MonkeyPatch, made: Made) -> None:
    monkeypatch.setattr(network, "resolve", made.resolve)
    monkeypatch.setattr(network, "is_public", lambda address: address == "127.0.0.1")
    monkeypatch.setattr(network, "OPEN_PORTS", (made.port,))
