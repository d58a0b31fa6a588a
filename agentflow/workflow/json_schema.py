"""The JSON Schema of workflow files, for editors: docs/workflow.schema.json."""

from typing import Any

from pydantic import TypeAdapter

from agentflow.toolbox.policy import Grant
from agentflow.workflow.node_types import KINDS
from agentflow.workflow.parse import File


def workflow_schema() -> dict[str, Any]:
    """A file's schema with each kind of node told apart by `kind`."""
    schema = File.model_json_schema(by_alias=True)
    definitions = schema.setdefault("$defs", {})
    for name, kind in KINDS.items():
        node = TypeAdapter(kind).json_schema(by_alias=True, ref_template="#/$defs/{model}")
        definitions.update(node.pop("$defs", {}))
        if "nodes" in node["properties"]:
            node["properties"]["nodes"]["additionalProperties"] = {"$ref": "#/$defs/Node"}
        definitions[name] = node
    definitions["Node"] = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": sorted(KINDS)}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": name}}}, "then": {"$ref": f"#/$defs/{name}"}}
            for name in sorted(KINDS)
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
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "agentflow workflow", **schema}
