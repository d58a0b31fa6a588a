"""A small fake of the hub: one repository of files, cut connections, wrong bytes."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

COMMIT = "a" * 40


class Hub:
    """`cuts` are byte counts after which the next downloads break off; `ranges` are the Range headers it saw."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        self.cuts: list[int] = []
        self.ranges: list[str] = []
        self.hits = 0
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                """Quiet."""

            def do_HEAD(self) -> None:
                hub.answer(self, send=False)

            def do_GET(self) -> None:
                hub.answer(self, send=True)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, *, send: bool) -> None:
        self.hits += 1
        name = request.path.rsplit("/", 1)[-1]
        if name not in self.files or "/resolve/" not in request.path:
            request.send_response(404)
            request.send_header("X-Error-Code", "EntryNotFound")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        data = self.files[name]
        wanted = request.headers.get("Range", "")
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        request.send_response(206 if wanted else 200)
        request.send_header("X-Repo-Commit", COMMIT)
        request.send_header("ETag", f'"{self.hashes[name]}"')
        request.send_header("Content-Length", str(len(data) - start))
        if wanted:
            request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        request.end_headers()
        if not send:
            return
        self.ranges.append(wanted)
        end = start + self.cuts.pop(0) if self.cuts else len(data)
        request.wfile.write(data[start:end])
        if end < len(data):
            request.close_connection = True
