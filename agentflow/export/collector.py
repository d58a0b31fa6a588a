"""The spans of runs to an OpenTelemetry collector: one run when a person asks, or each as it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agentflow.errors import AgentflowError
from agentflow.export.spans import spans_of
from agentflow.runs.store import RunStore
from agentflow.telemetry.collector import deliver, exporter_to, sending
from agentflow.telemetry.settings import load_telemetry

SERVICE = "agentflow-worker"
LetGo = Callable[[RunStore, str], None]


def send(store: RunStore, run: str, endpoint: str, *, content: bool = False) -> int:
    """How many spans went. Raises AgentflowError without an endpoint, Unavailable when the collector does not answer."""
    if not endpoint:
        raise AgentflowError("nowhere to send spans to", "name a collector: --endpoint http://localhost:4318/v1/traces")
    return deliver(spans_of(store, run, content=content), exporter_to(endpoint), SERVICE)


@contextmanager
def tracing(root: Path) -> Iterator[LetGo | None]:
    """What an engine calls when it lets go of a run: its spans go to the collector that the project names. None where it
    names none."""
    telemetry = load_telemetry(root)
    if not telemetry.traces:
        yield None
        return
    with sending(telemetry.traces, SERVICE) as take:

        def ended(store: RunStore, run: str) -> None:
            with suppress(AgentflowError):  # the run's own store tells of its faults
                take(spans_of(store, run, latest=True, content=telemetry.content))

        yield ended
