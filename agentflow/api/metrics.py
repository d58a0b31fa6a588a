"""What the API answered, how the queue stands, and what its slots did, in Prometheus' text form."""

from collections import Counter, defaultdict

from agentflow.runs.store import RunStore
from agentflow.serving.api.metrics import family, labels
from agentflow.status import RunStatus
from agentflow.worker.metrics import WorkerMetrics

WAITS = ("queued", "running", "paused", "dead")


class RequestMetrics:
    """What a server was asked; `part` is its name in those of the metrics."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.requests: Counter[tuple[str, str]] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def count(self, operation: str, outcome: str, seconds: float = 0.0) -> None:
        self.requests[operation, outcome] += 1
        self.seconds[operation] += seconds

    def lines(self) -> list[str]:
        requests = {labels(operation=name, outcome=outcome): count for (name, outcome), count in self.requests.items()}
        seconds = {labels(operation=name): value for name, value in self.seconds.items()}
        return [
            *family(f"{self.part}_requests_total", "counter", requests, "Requests by operation and outcome"),
            *family(f"{self.part}_seconds_total", "counter", seconds, "Seconds until they were answered"),
        ]


class ApiMetrics(RequestMetrics):
    """`workers` are the slots beside the server."""

    def __init__(self, workers: WorkerMetrics, slots: int) -> None:
        super().__init__("api")
        self.workers = workers
        self.slots = slots

    def exposition(self, store: RunStore, followers: int) -> str:
        lines = self.lines()
        lines += family("api_followers", "gauge", {"": followers}, "Clients that follow a run's events")
        lines += self._queue(store)
        return "\n".join(lines) + "\n" + self.workers.exposition(self.slots)

    def _queue(self, store: RunStore) -> list[str]:
        rows = store.database.execute("SELECT status, count(*) FROM runs GROUP BY status").fetchall()
        found = {str(status): int(count) for status, count in rows}
        runs = {labels(state=state): found.get(state, 0) for state in WAITS}
        now = store.database.now
        oldest = store.database.execute(
            f"SELECT max({now} - CASE WHEN not_before > queued THEN not_before ELSE queued END) FROM runs"
            f" WHERE status = '{RunStatus.QUEUED}' AND not_before <= {now}"
        ).fetchone()[0]
        lines = family("runs", "gauge", runs, "Runs of the store by state")
        return lines + family(
            "queue_oldest_seconds",
            "gauge",
            {"": max(0.0, oldest or 0.0)},
            "How long the oldest has waited that may start",
        )
