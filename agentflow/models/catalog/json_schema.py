"""The JSON Schema of models.yaml, for completion in editors: docs/models.schema.json."""

import json
from typing import Any

from agentflow.models.catalog.catalog import ModelsFile

ADDRESS = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """`backend` is not required: an entry may change only some keys of an earlier one."""
    made = ModelsFile.model_json_schema(by_alias=True)
    entry = made["$defs"]["ModelConfig"]
    for ours in ("name", "base"):
        entry["properties"].pop(ours)
    entry.pop("required", None)
    return {"$schema": ADDRESS, **made, "title": "models.yaml of agentflow"}


def schema_text() -> str:
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"
