"""The model server over TLS: whose certificates get in, and which servers a model of models.yaml trusts."""

import json
import ssl
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from agentflow.cli import app
from agentflow.errors import AgentflowError, ConfigError, Unavailable
from agentflow.models.addresses.open import open_client
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.client.completion import complete
from agentflow.models.servers.endpoint import Remote
from tests.models.addresses.asking import request
from tests.serving.command import KEY, served
from tests.sites.harness import Authority, Listening, write_project

ASKED = {"messages": [{"role": "user", "content": "Tell me of the mill."}], "max_tokens": 4}
Pair = tuple[Path, Path]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


class Secured:
    """`agentflow serve` with certificates, and what it wrote down."""

    def __init__(self, url: str, log: Path, authority: Authority) -> None:
        self.url = url
        self.log = log
        self.authority = authority

    def ask(self, pair: Pair | None, key: str = "", body: Any = ASKED) -> int:
        trusted = ssl.create_default_context(cafile=self.authority.certificate)
        if pair:
            trusted.load_cert_chain(*pair)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = httpx.post(f"{self.url}/v1/chat/completions", json=body, headers=headers, verify=trusted, timeout=200)
        return answer.status_code


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secured")
    write_project(folder / "project")
    certificate, private = authority.issue("gpu1.example")
    tls = {"certificate": str(certificate), "private_key": str(private), "clients": str(authority.certificate)}
    callers = {"clinic.example": {"models": ["starter"]}, "lab.example": {"models": ["another"]}}
    (folder / "project" / "access.yaml").write_text(json.dumps({"serve": {**tls, "callers": callers}}))
    with (folder / "log").open("w") as log, served(folder / "project", log) as url:
        yield Secured(url, folder / "log", authority)


def test_a_certificate_is_a_caller_where_it_is_named_and_else_needs_a_key(secured: Secured) -> None:
    assert secured.url.startswith("https://")
    issue = secured.authority.issue
    assert secured.ask(issue("clinic.example")) == 200
    assert secured.ask(issue("lab.example")) == 403, "no grant for this model"
    other = issue("other.example")
    assert [secured.ask(other), secured.ask(other, "wrong"), secured.ask(other, KEY)] == [401, 401, 200]


def test_no_foreign_or_expired_certificate_gets_in_and_each_is_written_down(secured: Secured, tmp_path: Path) -> None:
    foreign = Authority(tmp_path / "foreign", "Others").issue("clinic.example")
    expired = secured.authority.issue("late.example", days=-1)
    for pair, reason in (
        (None, "peer did not return a certificate"),
        (foreign, "issuer certificate"),
        (expired, "expired"),
    ):
        before = len(secured.log.read_text())
        with pytest.raises(httpx.TransportError):
            secured.ask(pair, KEY)
        end = time.monotonic() + 60
        while reason not in secured.log.read_text()[before:]:
            assert time.monotonic() < end, secured.log.read_text()[before:]
            time.sleep(0.02)


Entry = Callable[..., Any]


@pytest.fixture
def entry(tmp_path: Path, authority: Authority) -> Entry:
    """An entry of models.yaml without a key that trusts the authority, with its files beside it."""
    (tmp_path / "ca.pem").write_bytes(authority.certificate.read_bytes())

    def made(url: str, pair: Pair | None = None, **tls: str) -> Any:
        files = {"trust": "ca.pem", **tls}
        for key, path in zip(("certificate", "private_key"), pair or (), strict=False):
            files[key] = path.name
            (tmp_path / path.name).write_bytes(path.read_bytes())
        model = {"backend": "endpoint", "url": f"{url}/v1", "model": "starter", "tls": files}
        (tmp_path / "models.yaml").write_text(json.dumps({"models": {"far": model}}))
        return load_catalog([tmp_path / "models.yaml"]).models["far"]

    return made


async def test_a_model_of_models_yaml_answers_over_tls(secured: Secured, entry: Entry, tmp_path: Path) -> None:
    client = open_client(entry(secured.url, secured.authority.issue("clinic.example")), tmp_path, lambda _: None)
    try:
        answer = await complete(client, request("Tell me of the mill.", tokens=4))
    finally:
        await client.release()
    assert answer.text


async def test_a_server_that_does_not_accept_our_certificate_is_named(secured: Secured, entry: Entry) -> None:
    with pytest.raises(Unavailable, match="refuses the encrypted connection|no server answers"):
        await Remote(entry(secured.url), f"{secured.url}/v1").start()


class Impostor(Listening):
    """An https server with any certificate."""

    def __init__(self, pair: Pair) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pair)
        server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        self.server, self.url = server, f"https://127.0.0.1:{server.server_address[1]}"


async def test_a_server_with_another_or_an_expired_certificate_is_not_trusted(
    entry: Entry, authority: Authority, tmp_path: Path
) -> None:
    others = Authority(tmp_path / "others", "Others").issue("gpu1.example")
    for pair in (others, authority.issue("old.example", days=-1)):
        with Impostor(pair) as server, pytest.raises(Unavailable, match="'far' cannot be trusted: "):
            await Remote(entry(server.url), f"{server.url}/v1").start()


async def test_what_cannot_be_used_is_named(entry: Entry) -> None:
    with pytest.raises(ConfigError, match="far: a certificate cannot be used"):
        await Remote(entry("https://127.0.0.1:9", trust="nosuch.pem"), "https://127.0.0.1:9/v1").start()
    with pytest.raises(ConfigError, match="tls is for https addresses"):
        entry("http://127.0.0.1:9")
    with pytest.raises(ConfigError, match="certificate and private_key go together"):
        entry("https://127.0.0.1:9", certificate="me.pem")


def test_http_beyond_this_machine_is_refused_unless_it_is_said(tmp_path: Path) -> None:
    write_project(tmp_path)
    words = ["serve", "starter", "--host", "0.0.0.0", "--remote", "--project", str(tmp_path)]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, AgentflowError) and "anybody on the way" in done.exception.message
