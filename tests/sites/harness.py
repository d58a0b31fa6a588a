"""Sites on loopback: real ones as forked processes, and hostile ones that say whatever a test wants."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import socketserver
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.site_passage import SiteDocument, SitePassage, SiteSentence
from agentflow.corpus.store import Corpus
from agentflow.federation.checks import sha256_of
from agentflow.federation.settings import SiteGrant
from agentflow.identity.caller import Grants
from agentflow.identity.keys import Keys
from agentflow.models.pool_types import ModelPool
from agentflow.project import Project
from agentflow.runs.store import RunStore
from agentflow.site.server import SiteConfig, serve
from tests.crash.harness import fork


def write_project(root: Path, documents: Mapping[str, str] | None = None, sites: str = "") -> Project:
    """With documents that are read without vectors, so that words alone find them; `sites` is its sites.yaml."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "models.yaml").write_text("models: {}\n")
    if sites:
        (root / "sites.yaml").write_text(sites)
    for name, text in (documents or {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    project = Project(root)
    corpus = Corpus.open(project.database, create=True)
    if documents:
        asyncio.run(ingest(corpus, [root / name for name in documents], embedder=None))
    corpus.close()
    return project


def key_for(project: Project, name: str = "asker", grant: SiteGrant | None = None) -> str:
    store = RunStore(project.database)
    key = Keys(store, "").add(name, Grants(graphs=[], tools=[], site=grant or SiteGrant()))
    store.close()
    return key


def sites_yaml(**sites: Mapping[str, Any]) -> str:
    return json.dumps({"sites": sites})


class Site:
    """`agentflow site` of a project, in a process of its own; `pool` as in Engine."""

    def __init__(self, project: Project, pool: ModelPool | None = None) -> None:
        self.project = project
        self.pool = pool
        self.log = project.root / f"site-{id(self)}.jsonl"

    def __enter__(self) -> Self:
        self.pid = fork()
        if self.pid == 0:
            try:
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_DFL)
                asyncio.run(serve(self.project, SiteConfig(port=0), self._tell, pool=self.pool))
                os._exit(0)
            except BaseException:  # noqa: BLE001 - the child must not return into the parent's tests
                (self.project.root / "error.txt").write_text(traceback.format_exc())
                os._exit(4)
        end = time.monotonic() + 200
        while not self.log.exists() or not self.log.read_text().endswith("\n"):
            assert time.monotonic() < end
            assert not (self.project.root / "error.txt").exists(), (self.project.root / "error.txt").read_text()
            time.sleep(0.02)
        self.url = str(json.loads(self.log.read_text())["url"])
        return self

    def _tell(self, facts: dict[str, Any]) -> None:
        self.log.write_text(json.dumps(facts) + "\n")

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGTERM)
        assert os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]) == 0
        self.log.unlink()


Behave = Callable[[str, bytes, socket.socket], None]


class Listening:
    """A server in a thread of its own, from entering to leaving."""

    server: socketserver.BaseServer

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class Hostile(Listening):
    """A server that does what `behave(path, body, connection)` does. `heard` are the paths that it was asked for."""

    def __init__(self, behave: Behave) -> None:
        heard: list[str] = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = self.rfile.readline()
                    if not line:
                        return
                    head += line
                heard.append(head.split(b" ")[1].decode())
                sizes = [
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                ]
                body = self.rfile.read(sizes[0]) if sizes else b""
                with contextlib.suppress(OSError):  # the client has gone
                    behave(heard[-1], body, self.connection)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.heard = heard
        server = Server(("127.0.0.1", 0), Handler)
        self.server, self.url = server, f"http://127.0.0.1:{server.server_address[1]}"


class Relay(Listening):
    """A wire that keeps what goes over it: `sent` by whoever connects, `received` from the server behind it."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").rpartition(":")
        self.sent, self.received = bytearray(), bytearray()
        relay = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection((host, int(port))) as server:
                    back = threading.Thread(target=pump, args=(server, self.request, relay.received), daemon=True)
                    back.start()
                    pump(self.request, server, relay.sent)
                    back.join()

        def pump(source: socket.socket, target: socket.socket, kept: bytearray) -> None:
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    kept.extend(data)
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.server, self.url = server, f"http://127.0.0.1:{server.server_address[1]}"


def answer(value: Any, *, status: str = "200 OK", headers: str = "") -> bytes:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}Connection: close\r\n\r\n".encode() + body


def saying(value: Any, **more: Any) -> Hostile:
    return Hostile(lambda path, body, connection: connection.sendall(answer(value, **more)))


def silent(path: str, body: bytes, connection: socket.socket) -> None:
    """Keeps the connection until the other side has gone."""
    connection.recv(1)


def passage(text: str, path: str = "docs/mill.md", start: int = 0) -> dict[str, Any]:
    """A whole passage of one sentence, as a site sends it."""
    return SitePassage(
        document=SiteDocument(path=path, sha256=sha256_of(path), title="Mill", kind="markdown", date="2020-01-01"),
        heading="Mill",
        start=start,
        text=text,
        sentences=[
            SiteSentence(start=start, end=start + len(text), sha256=sha256_of(text), citable=True, kind="prose", line=3)
        ],
    ).model_dump()


def found(*passages: dict[str, Any]) -> dict[str, Any]:
    return {"passages": list(passages), "searched": 10, "holders": {}}


class Authority:
    """A certificate authority of a test, by the commands of docs/sites.md."""

    def __init__(self, folder: Path, name: str = "Our sites") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._openssl(
            "req", "-x509", *NEW, "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650", "-subj", f"/CN={name}"
        )
        self.certificate = folder / "ca.pem"

    def issue(self, name: str, *, days: int = 365) -> tuple[Path, Path]:
        """(certificate, private key)"""
        hosts = f"subjectAltName=DNS:{name},DNS:localhost,IP:127.0.0.1"
        self._openssl(
            "req", *NEW, "-keyout", f"{name}.key", "-out", "request.pem", "-subj", f"/CN={name}", "-addext", hosts
        )
        self._openssl(
            "x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", str(days),
            "-copy_extensions", "copy", "-out", f"{name}.pem",
        )  # fmt: skip
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)


NEW = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
