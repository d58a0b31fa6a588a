"""A program with the face of llama-server: its help, its health, its ways to die. Started by tests/models/test_servers."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

FLAGS = ("--model", "--alias", "--host", "--port", "--ctx-size", "--parallel", "--n-gpu-layers", "--flash-attn")
DEATHS = {
    "memory": "ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 9000000000",
    "magic": "gguf_init_from_file: invalid magic characters",
    "nothing": "",
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        data = json.dumps({"status": "ok", "data": [{"id": "m"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def main(arguments: list[str]) -> int:
    if "--help" in arguments:
        print("\n".join(f"{flag} N   what it does" for flag in FLAGS))
        print("--draft-max N   the argument has been removed. use another")
        return 0
    given = dict(zip(arguments[::2], arguments[1::2], strict=False))
    if unknown := [flag for flag in given if flag not in FLAGS]:
        print(f"error: invalid argument: {unknown[0]}", file=sys.stderr)
        return 1
    if death := os.environ.get("FAKE_DEATH"):
        print(DEATHS[death], file=sys.stderr)
        return 1
    time.sleep(float(os.environ.get("FAKE_DELAY", "0")))
    print("loading model\nserver is listening", file=sys.stderr, flush=True)
    HTTPServer(("127.0.0.1", int(given["--port"])), Handler).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
