"""Sends a run's spans to an OpenTelemetry collector. Only when asked, and only to the address given."""

from agentflow.errors import AgentflowError
from agentflow.export.spans import export_spans
from agentflow.runs.event_log import read
from agentflow.runs.store import RunStore

TIMEOUT = 3  # seconds, retries included


def send(store: RunStore, run: str, endpoint: str) -> int:
    """How many spans went. Raises AgentflowError without an endpoint, Unavailable when the collector does not answer."""
    if not endpoint:
        raise AgentflowError("nowhere to send spans to", "name a collector: --endpoint http://localhost:4318/v1/traces")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise AgentflowError("traces need OpenTelemetry", "pip install 'agentflow[otel]'") from error

    events = (entry.event for entry in read(store, run))
    return export_spans(events, OTLPSpanExporter(endpoint=endpoint, timeout=TIMEOUT))
