"""A run as OpenTelemetry spans, named by the GenAI semantic conventions: workflow, steps, chat and tool calls.

Made from the stored feed after or while it runs, so that tracing costs a run nothing. Needs the extra `otel`.
"""

from collections.abc import Iterable
from typing import Any

from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import (
    Event,
    ModelAnswered,
    ModelCalled,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
    ToolCalled,
    ToolReturned,
)

PROVIDER = "agentflow"


def export_spans(events: Iterable[Event], exporter: Any) -> int:
    """Sends one span for the run, each step, each model call and each tool call; how many. `exporter` is an
    OpenTelemetry SpanExporter. Prompts and answers are not sent. Raises Unavailable when it takes none."""
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    except ImportError as error:
        raise AgentflowError("traces need OpenTelemetry", "pip install 'agentflow[otel]'") from error

    provider = TracerProvider(resource=Resource({"service.name": "agentflow"}))
    gathered = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(gathered))
    spans = Spans(provider.get_tracer("agentflow"))
    for event in events:
        spans.take(event)
    spans.close()
    provider.shutdown()
    if exporter.export(gathered.get_finished_spans()) is not SpanExportResult.SUCCESS:
        raise Unavailable("the spans were not taken", "is the collector running at that address?")
    return spans.sent


class Spans:
    """Opens and closes spans as the feed tells; what never ended (a crash) ends with the last event seen."""

    def __init__(self, tracer: Any) -> None:
        self.tracer = tracer
        self.open: dict[str, Any] = {}
        self.last = 0.0
        self.sent = 0

    def take(self, event: Event) -> None:
        self.last = max(self.last, event.at)
        match event:
            case RunStarted():
                name = f"invoke_workflow {event.graph}"
                self._start("run", name, event.at, "", {
                    "gen_ai.operation.name": "invoke_workflow", "gen_ai.provider.name": PROVIDER,
                    "gen_ai.workflow.name": event.graph, "gen_ai.conversation.id": event.run,
                    "agentflow.resumed": event.resumed,
                })  # fmt: skip
            case RunEnded():
                self._end("run", event.at, {"agentflow.status": event.status})
            case StepStarted():
                facts = {"agentflow.step": event.step, "agentflow.node": event.node, "agentflow.label": event.label}
                self._start(f"step {event.step}", f"step {event.node}", event.at, "run", facts)
            case StepEnded():
                self._end(f"step {event.step}", event.at, {}, event.error)
            case ModelCalled():
                self._start(f"call {event.call}", f"chat {event.model}", event.at, f"step {event.step}", {
                    "gen_ai.operation.name": "chat", "gen_ai.provider.name": PROVIDER,
                    "gen_ai.request.model": event.model, "gen_ai.conversation.id": event.run,
                    "agentflow.role": event.role,
                })  # fmt: skip
            case ModelAnswered():
                self._end(f"call {event.call}", event.at, {
                    "gen_ai.response.model": event.model, "gen_ai.usage.input_tokens": event.prompt_tokens,
                    "gen_ai.usage.output_tokens": event.completion_tokens,
                    "gen_ai.usage.cache_read.input_tokens": event.cached_tokens,
                    "gen_ai.server.time_to_first_token": event.first_token, "agentflow.replayed": event.replayed,
                    "agentflow.drafted": event.drafted, "agentflow.accepted": event.accepted,
                })  # fmt: skip
            case ToolCalled():
                self._start(f"call {event.call}", f"execute_tool {event.tool}", event.at, f"step {event.step}", {
                    "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": event.tool,
                    "gen_ai.tool.call.id": event.call, "gen_ai.tool.type": "function",
                })  # fmt: skip
            case ToolReturned():
                self._end(f"call {event.call}", event.at, {}, event.error)

    def close(self) -> None:
        for key in reversed(list(self.open)):
            self._end(key, self.last, {"agentflow.cut_off": True})

    def _start(self, key: str, name: str, at: float, parent: str, attributes: dict[str, Any]) -> None:
        from opentelemetry.trace import SpanKind, set_span_in_context

        if key in self.open:  # an earlier attempt that was cut off
            self._end(key, at, {"agentflow.cut_off": True})
        above = self.open.get(parent) or self.open.get("run")
        context = set_span_in_context(above) if above else None
        kind = SpanKind.CLIENT if name.startswith("chat") else SpanKind.INTERNAL
        self.open[key] = self.tracer.start_span(
            name, context=context, kind=kind, attributes=attributes, start_time=int(at * 1e9)
        )

    def _end(self, key: str, at: float, attributes: dict[str, Any], error: str = "") -> None:
        from opentelemetry.trace import Status, StatusCode

        if (span := self.open.pop(key, None)) is None:
            return
        span.set_attributes(attributes)
        if error:
            span.set_attribute("error.type", error.split(":")[0])
            span.set_status(Status(StatusCode.ERROR, error))
        span.end(end_time=int(at * 1e9))
        self.sent += 1
