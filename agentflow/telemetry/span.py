"""One finished span, before it becomes OpenTelemetry's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agentflow.telemetry.traceparent import Traceparent

Kind = Literal["internal", "server", "client"]
Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Span:
    """`here` is its own place, `parent` the span around it. Times in Unix seconds; `error` is what went wrong, by its type."""

    name: str
    kind: Kind
    here: Traceparent
    parent: Traceparent | None
    start: float
    end: float
    attributes: Mapping[str, Value] = field(default_factory=dict)
    error: str = ""
