"""Spans to an OpenTelemetry collector. Only where the project names one, and only to that address. Needs the extra `otel`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from agentflow.errors import AgentflowError, Unavailable
from agentflow.telemetry.span import Span
from agentflow.version import __version__

TIMEOUT = 3  # seconds, retries included
PAUSE = 500  # milliseconds until what was gathered is sent

Take = Callable[[Sequence[Span]], None]


class Collector:
    """Takes the spans of one part (`service`), and sends them in the background: nobody waits for it, and what it cannot
    send is dropped. Raises AgentflowError without OpenTelemetry."""

    def __init__(self, endpoint: str, service: str) -> None:
        try:
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise AgentflowError("traces need OpenTelemetry", "pip install 'agentflow[otel]'") from error
        self.service = service
        self._processor: Any = BatchSpanProcessor(exporter_to(endpoint), schedule_delay_millis=PAUSE)

    def take(self, spans: Sequence[Span]) -> None:
        for span in spans:
            if span.here.sampled:
                self._processor.on_end(_readable(span, self.service))

    def close(self) -> None:
        """Sends what waits, for at most TIMEOUT."""
        self._processor.shutdown()


@contextmanager
def sending(endpoint: str, service: str) -> Iterator[Take]:
    """What takes the spans of one part, sent when it ends at the latest. Without an endpoint they are dropped."""
    if not endpoint:
        yield no_spans
        return
    collector = Collector(endpoint, service)
    try:
        yield collector.take
    finally:
        collector.close()


def no_spans(spans: Sequence[Span]) -> None:
    """Of a part whose project names no collector."""


def exporter_to(endpoint: str) -> Any:
    """Nothing comes from the environment's proxies."""
    try:
        import requests
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise AgentflowError("traces need OpenTelemetry", "pip install 'agentflow[otel]'") from error

    session = requests.Session()
    session.trust_env = False
    return OTLPSpanExporter(endpoint=endpoint, timeout=TIMEOUT, session=session)


def deliver(spans: Iterable[Span], exporter: Any, service: str) -> int:
    """Sends them now; how many. `exporter` is an OpenTelemetry SpanExporter. Raises Unavailable when it takes none."""
    from opentelemetry.sdk.trace.export import SpanExportResult

    readable = [_readable(span, service) for span in spans]
    if exporter.export(readable) is not SpanExportResult.SUCCESS:
        raise Unavailable("the spans were not taken", "is the collector running at that address?")
    return len(readable)


def _readable(span: Span, service: str) -> Any:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

    def context(place: Any) -> Any:
        flags = TraceFlags(TraceFlags.SAMPLED)
        return SpanContext(int(place.trace, 16), int(place.span, 16), is_remote=False, trace_flags=flags)

    return ReadableSpan(
        name=span.name,
        context=context(span.here),
        parent=context(span.parent) if span.parent else None,
        resource=Resource({"service.name": service, "service.version": __version__}),
        attributes={**span.attributes, **({"error.type": span.error} if span.error else {})},
        kind=SpanKind[span.kind.upper()],
        instrumentation_scope=InstrumentationScope("agentflow", __version__),
        status=Status(StatusCode.ERROR) if span.error else Status(StatusCode.UNSET),
        start_time=int(span.start * 1e9),
        end_time=int(span.end * 1e9),
    )
