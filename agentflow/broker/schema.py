"""The JSON Schema of what a broker carries: `request` is read, `event` is published."""

from typing import Any

from pydantic import TypeAdapter

from agentflow.broker.inbox import RequestBody
from agentflow.events import KINDS, ModelText

NUMBER = {"type": "integer", "description": "rises within a run"}
ID = {"type": "string", "description": "the same for the same event: what comes again has it again"}
TEXT = {"type": "string"}


def broker_schema() -> dict[str, Any]:
    """Whoever reads events leaves out the kinds and fields that they do not know."""
    kinds = {name: kind for name, kind in KINDS.items() if kind is not ModelText}
    schemas, shared = TypeAdapter.json_schemas(
        [("request", "validation", TypeAdapter(RequestBody)),
         *((name, "serialization", TypeAdapter(kind)) for name, kind in kinds.items())]
    )  # fmt: skip
    parts: dict[str, Any] = shared["$defs"]
    events = {name: _event(name, parts[name], run=True) for name in kinds}
    events["State"] = _event("State", {"properties": {"state": TEXT, "message": TEXT}}, run=True)
    texts = {name: TEXT for name in ("request", "message", "hint", "sha256")}
    events["RequestRejected"] = _event(
        "RequestRejected", {"properties": {**texts, "at": {"type": "number"}}}, run=False
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {
            **parts, **events, "request": schemas["request", "validation"],
            "event": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in events]},
        },
    }  # fmt: skip


def _event(name: str, schema: dict[str, Any], *, run: bool) -> dict[str, Any]:
    """All fields, or `left_out` where it was too large for the broker."""
    own = schema["properties"]
    common = {"id": ID, "kind": {"const": name}, **({"run": TEXT, "seq": NUMBER} if run else {})}
    return {
        "type": "object",
        "properties": {
            **own,
            **common,
            "left_out": {"type": "integer", "description": "bytes that the broker did not take"},
        },
        "required": list(common),
        "anyOf": [{"required": schema.get("required", [*own])}, {"required": ["left_out"]}],
    }
