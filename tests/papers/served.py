"""The made sources on one server that records who was asked for what. Its answers can be replaced, by path."""

import http.server
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from agentflow.toolbox.errors import ToolFailed
from tests.papers import made


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    kind: str = "application/json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    reached: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)


@dataclass
class Served:
    """`asked` are all requests as (host, path with query, headers). `replies` stand for what a path would answer: one, or a
    list that is used up first. A path that is `held` answers when it is let go."""

    port: int = 0
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    replies: dict[str, Reply | list[Reply]] = field(default_factory=dict)
    held: dict[str, "Held"] = field(default_factory=dict)

    def base(self, host: str) -> str:
        return f"http://{host}:{self.port}"

    def paths(self, host: str = "") -> list[str]:
        return [urlsplit(path).path for name, path, _ in self.asked if not host or name == host]

    def resolve(self, host: str, port: int) -> list[str]:
        """Names under .test stand for this server, which counts as public in these tests; an inner one does not."""
        if not host.endswith((".test", "127.0.0.1")):
            raise ToolFailed(f"cannot find {host}", "check the name")
        return ["10.0.0.7"] if host.startswith("inside") else ["127.0.0.1"]

    def reply(self, host: str, path: str) -> Reply:
        parts = urlsplit(path)
        given = self.replies.get(f"{host}{parts.path}")
        if isinstance(given, list):
            given = given.pop(0) if given else None
        return given or self.usual(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()})

    def usual(self, path: str, asked: dict[str, str]) -> Reply:
        files = self.base("files.test")
        match path:
            case "/api/query":
                start = int(asked["start"])
                return Reply(
                    made.arxiv_feed(_some("arxiv", start, int(asked["max_results"])), files, start),
                    "application/atom+xml",
                )
            case "/works" if "rows" in asked:
                start, rows = int(asked["cursor"].strip("*") or 0), int(asked["rows"])
                return Reply(made.crossref(_some("crossref", start, rows), files, str(start + rows)))
            case "/works":
                start, rows = int(asked["cursor"].strip("*") or 0), int(asked["per_page"])
                return Reply(made.openalex(_some("openalex", start, rows), files, str(start + rows)))
            case "/graph/v1/paper/search":
                start, rows = int(asked["offset"]), int(asked["limit"])
                following = start + rows if start + rows < len(made.KNOWN["semantic_scholar"]) else None
                return Reply(made.semantic_scholar(_some("semantic_scholar", start, rows), files, start, following))
            case "/esearch.fcgi":
                return Reply(made.pubmed_search(_some("pubmed", int(asked["retstart"]), int(asked["retmax"]))))
            case "/efetch.fcgi":
                return Reply(made.pubmed_records([int(id) - 900 for id in asked["id"].split(",")]), "text/xml")
            case "/" if "prefix" in asked:
                return Reply(made.pmc_list(asked["prefix"]), "application/xml")
            case "/robots.txt":
                return Reply(status=404)
        if path.startswith("/metadata/"):
            return Reply(made.pmc_record(path.removeprefix("/metadata/").removesuffix(".json")))
        return self.file(path)

    def file(self, path: str) -> Reply:
        name = path.rsplit("/", 1)[-1].removesuffix(".pdf")
        if path.startswith("/PMC"):
            n = int(name.removeprefix("PMC").split(".")[0]) - 700
        else:
            n = int(name.removeprefix("2101.").removesuffix("v2"))
        match n:
            case 18:
                return Reply(b"<h1>Access denied</h1>", "text/html", 403)
            case 19:
                return Reply(
                    b"<html><title>Just a moment...</title><div class='cf-challenge'></div></html>", "text/html"
                )
        return Reply(made.pdf(n), "application/pdf")


def _some(source: str, start: int, count: int) -> list[int]:
    return list(made.KNOWN[source])[start : start + count]


def handler(served: Served) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers["Host"].split(":")[0]
            served.asked.append((host, self.path, {name.lower(): value for name, value in self.headers.items()}))
            if held := served.held.get(self.path):
                held.reached.set()
                held.let_go.wait(60)
            reply = served.reply(host, self.path)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked may be gone
                self.end_headers()
                self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            return

    return Handler


class Serving:
    """The sources while entered."""

    def __init__(self, port: int = 0) -> None:
        self.served = Served()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler(self.served))
        self.server.daemon_threads = True
        self.served.port = self.server.server_address[1]

    def __enter__(self) -> Served:
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True)
        self.thread.start()
        return self.served

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
