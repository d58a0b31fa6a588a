"""The OpenAPI 3.1 document, made of the table of operations and the models of its bodies."""

import re
from http import HTTPStatus
from typing import Any

from pydantic.json_schema import models_json_schema

from agentflow.api.bodies import ErrorBody
from agentflow.api.operations import OPERATIONS, Operation
from agentflow.version import __version__

REF = "#/components/schemas/{model}"


def document() -> dict[str, Any]:
    models = {ErrorBody} | {
        model for item in OPERATIONS for model in (item.body, item.answer) if isinstance(model, type)
    }
    _, defined = models_json_schema(
        [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)], ref_template=REF
    )
    paths: dict[str, Any] = {}
    for item in OPERATIONS:
        paths.setdefault(item.path, {})[item.method.lower()] = _operation(item)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "agentflow",
            "version": __version__,
            "description": "Durable research runs over local documents.",
        },
        "paths": paths,
        "components": {
            "schemas": defined["$defs"],
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


def _operation(item: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[^/]+$"}}
        for name in re.findall(r"{(\w+)}", item.path)
    ]
    if item.query:
        schema = item.query.model_json_schema()
        parameters += [
            {"name": name, "in": "query", "required": False, "schema": field}
            for name, field in schema["properties"].items()
        ]
    if item.do == "events":
        number = {"type": "string", "pattern": "^[0-9]{1,18}$"}
        parameters.append({"name": "Last-Event-ID", "in": "header", "required": False, "schema": number})
    if isinstance(item.answer, tuple):
        content = {kind.split(";")[0]: {"schema": {} if "json" in kind else {"type": "string"}} for kind in item.answer}
    else:
        content = _json(item.answer.__name__)
    responses: dict[str, Any] = {str(item.status): {"description": HTTPStatus(item.status).phrase, "content": content}}
    for status in sorted({400, 401, 403, 500, *item.refusals}):
        responses[str(status)] = {"description": HTTPStatus(status).phrase, "content": _json("ErrorBody")}
    described = {"operationId": item.do, "summary": item.summary, "parameters": parameters, "responses": responses}
    if item.body:
        required = any(field.is_required() for field in item.body.model_fields.values())
        described["requestBody"] = {"required": required, "content": _json(item.body.__name__)}
    return described


def _json(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(model=model)}}}
