"""What a worker's slots did, in Prometheus' text form, and an address on this machine where it is read."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.serving.api.metrics import family, labels
from agentflow.worker.supervisor import Tell

COUNTED = {
    "claimed": "Runs taken from the queue",
    "failed": "Runs that broke off with an error",
    "lost": "Runs that another worker took over",
    "recovered": "Runs taken back from workers that were gone",
    "hung": "Processes that a run had blocked",
    "gone": "Processes of slots that ended and were started again",
    "away": "Times that the runs' database was gone",
}
TEXT = "text/plain; version=0.0.4"


class WorkerMetrics:
    """Hears what the slots say before `tell` does."""

    def __init__(self, tell: Tell) -> None:
        self.told = tell
        self.counts: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.carried: dict[str, int] = {}  # run to the process that carries it

    def tell(self, facts: dict[str, Any]) -> None:
        said, run = facts["said"], facts.get("run", "")
        self.counts[said] += 1
        match said:
            case "claimed":
                self.carried[run] = facts["pid"]
                self.seconds["waited"] += facts["waited"]
                self.seconds["claim"] += facts["claim_ms"] / 1000
            case "ended":
                self.ended[facts["status"]] += 1
                self.seconds["run"] += facts["seconds"]
            case "gone":
                self.carried = {run: pid for run, pid in self.carried.items() if pid != facts["pid"]}
        if said in ("ended", "failed", "lost"):
            self.carried.pop(run, None)
        self.told(facts)

    def exposition(self, slots: int) -> str:
        lines = family("worker_slots", "gauge", {"": slots}, "Slots that carry runs")
        lines += family("worker_busy", "gauge", {"": len(self.carried)}, "Slots that carry one now")
        for said, meaning in COUNTED.items():
            lines += family(f"worker_{said}_total", "counter", {"": self.counts[said]}, meaning)
        ended = {labels(status=status): count for status, count in self.ended.items()}
        lines += family("worker_ended_total", "counter", ended, "Runs that ended or were parked, by how they stand")
        for what, meaning in (
            ("waited", "Seconds that claimed runs had waited"),
            ("claim", "Seconds that claiming took"),
            ("run", "Seconds of runs that ended"),
        ):
            lines += family(f"worker_{what}_seconds_total", "counter", {"": self.seconds[what]}, meaning)
        return "\n".join(lines) + "\n"


@contextmanager
def served(metrics: WorkerMetrics, slots: int, port: int) -> Iterator[str]:
    """Their address, on this machine alone; port 0 takes a free one. Raises AgentflowError for a port in use."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == "/metrics"
            body = metrics.exposition(slots).encode() if known else b""
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", TEXT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody wants to read who scraped."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise AgentflowError(f"cannot listen on 127.0.0.1:{port} ({error.strerror})", "choose another port") from error
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/metrics"
    finally:
        server.shutdown()
        server.server_close()
