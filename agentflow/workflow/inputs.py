"""The inputs of a workflow: types as written, to the pydantic model that the engine validates with."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from agentflow.workflow.parse import RESERVED_INPUTS, File
from agentflow.workflow.problems import Problems
from agentflow.workflow.types import Schema, WrongType, to_schema

LIMITS = {
    "minimum": "ge", "maximum": "le", "minLength": "min_length", "maxLength": "max_length", "minItems": "min_length",
    "maxItems": "max_length", "pattern": "pattern",
}  # fmt: skip
LONGEST_INPUT = 20_000
PLAIN: dict[str, type] = {"string": str, "integer": int, "number": float, "boolean": bool}


def input_schemas(file: File, problems: Problems) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for name, written in file.inputs.items():
        where = ("inputs", name)
        found[name] = {}
        if not name.isidentifier() or name.startswith("_") or name in RESERVED_INPUTS:
            problems.add(
                where,
                f"'{name}' cannot be an input's name",
                f"reserved: {', '.join(sorted(RESERVED_INPUTS))}",
                key=True,
            )
            continue
        try:
            schema = to_schema(written)
        except WrongType as error:
            problems.add((*where, *error.where), f"input '{name}': {error}", error.hint)
            continue
        if schema.get("type") == "string" and not _says(written, "maxLength"):
            schema["maxLength"] = LONGEST_INPUT
        if schema.get("type") == "array" and not _says(written, "maxItems"):
            schema["maxItems"] = 1_000
        if problem := _default_problem(schema):
            problems.add((*where, "default"), f"input '{name}': {problem}", "give a default of the input's own type")
        found[name] = schema
    return found


def input_model(schemas: dict[str, Schema]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for name, schema in schemas.items():
        limits = {LIMITS[key]: value for key, value in schema.items() if key in LIMITS and "enum" not in schema}
        default = schema.get("default", ...)
        fields[name] = (_annotation(schema), Field(default, description=schema.get("description"), **limits))
    return create_model("Inputs", __config__=ConfigDict(extra="forbid"), **fields)


def _annotation(schema: Schema) -> Any:
    if "enum" in schema:
        return Literal[tuple(schema["enum"])]
    kind = schema["type"]
    if kind == "array":
        return list[_annotation(schema["items"])]  # type: ignore[misc]
    return PLAIN.get(kind, dict[str, Any])


def _says(written: Any, key: str) -> bool:
    return isinstance(written, dict) and key in written


def _default_problem(schema: Schema) -> str:
    if "default" not in schema:
        return ""
    from jsonschema import Draft202012Validator

    error = next(Draft202012Validator(schema).iter_errors(schema["default"]), None)
    return error.message if error else ""
