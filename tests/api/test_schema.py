"""The API against its own OpenAPI document: whatever schemathesis makes of it, no answer is a fault of the server, and each
is what the document says."""

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agentflow.api.openapi import document
from tests.api.conftest import Api

EXAMPLES = int(os.environ.get("AGENTFLOW_EXAMPLES", "8"))  # of each operation, beside those at the edges
LATER = schemathesis.pytest.from_fixture(
    "described"
)  # its cases are made where they run, not where tests are collected
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def described() -> BaseSchema:
    return schemathesis.openapi.from_dict(document())


@LATER.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_what_the_document_says(case: "schemathesis.Case[Any]", api: Api) -> None:
    answer = case.call(base_url=api.url, headers={"Authorization": f"Bearer {api.key}"}, timeout=60)
    case.validate_response(answer, checks=CHECKS)


@pytest.mark.parametrize("key", ["", "wrong"])
def test_no_operation_answers_without_a_key(api: Api, key: str) -> None:
    client = api.client_of(key)
    for path, methods in document()["paths"].items():
        for method in methods:
            assert client.request(method, path.replace("{", "").replace("}", "")).status_code == 401
