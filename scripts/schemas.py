"""The JSON Schemas in docs/, of the code: of models.yaml, workflow files, reports, and what a broker carries."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from agentflow.broker.inbox import RequestBody
from agentflow.events import KINDS, ModelText
from agentflow.models.catalog.catalog import ModelsFile
from agentflow.research.report.schema import Report
from agentflow.toolbox.policy import Grant
from agentflow.workflow import node_types
from agentflow.workflow.parse import File

DOCS = Path(__file__).parents[1] / "docs"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
NUMBER = {"type": "integer", "description": "rises within a run"}
ID = {"type": "string", "description": "the same for the same event: what comes again has it again"}
TEXT = {"type": "string"}


def models_schema() -> dict[str, Any]:
    """`backend` is not required: an entry may change only some keys of an earlier one."""
    made = ModelsFile.model_json_schema(by_alias=True)
    entry = made["$defs"]["ModelConfig"]
    for ours in ("name", "base"):
        entry["properties"].pop(ours)
    entry.pop("required", None)
    return {"$schema": DRAFT, **made, "title": "models.yaml of agentflow"}


def workflow_schema() -> dict[str, Any]:
    """A file's schema with each kind of node told apart by `kind`."""
    schema = File.model_json_schema(by_alias=True)
    definitions = schema.setdefault("$defs", {})
    for name, kind in node_types.KINDS.items():
        node = TypeAdapter(kind).json_schema(by_alias=True, ref_template="#/$defs/{model}")
        definitions.update(node.pop("$defs", {}))
        if "nodes" in node["properties"]:
            node["properties"]["nodes"]["additionalProperties"] = {"$ref": "#/$defs/Node"}
        definitions[name] = node
    definitions["Node"] = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": sorted(node_types.KINDS)}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": name}}}, "then": {"$ref": f"#/$defs/{name}"}}
            for name in sorted(node_types.KINDS)
        ],
    }
    definitions["Grant"] = Grant.model_json_schema()
    schema["properties"]["nodes"]["additionalProperties"] = {"$ref": "#/$defs/Node"}
    schema["properties"]["tools"] = {
        "anyOf": [
            {"type": "object", "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Grant"}, {"type": "null"}]}},
            {"type": "array", "items": {"type": "string"}},
        ]
    }
    return {"$schema": DRAFT, "title": "agentflow workflow", **schema}


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
        "$schema": DRAFT,
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


def texts() -> dict[str, str]:
    """By the name of the file in docs/."""
    return {
        "models.schema.json": json.dumps(models_schema(), indent=2, sort_keys=True) + "\n",
        "report.schema.json": json.dumps(Report.model_json_schema(), indent=2) + "\n",
        "broker.schema.json": json.dumps(broker_schema(), indent=1) + "\n",
        "workflow.schema.json": json.dumps(workflow_schema(), indent=1) + "\n",
    }


def write() -> None:
    for name, text in texts().items():
        (DOCS / name).write_text(text, "utf-8")
