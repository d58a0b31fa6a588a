"""Bodies and queries of requests to their typed form, within limits."""

import json
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from agentflow.api.errors import Refusal

MOST_BODY = 1 << 20  # bytes
DEEPEST = 40  # lists and objects within each other
Taken = TypeVar("Taken", bound=BaseModel)


async def parse_body(request: Request, kind: type[Taken]) -> Taken:
    """As parse_json."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > MOST_BODY:
            break
    return parse_json(bytes(data), kind)


def parse_json(data: bytes, kind: type[Taken]) -> Taken:
    """Raises Refusal with the first thing that is wrong. No body at all is an empty object."""
    if len(data) > MOST_BODY:
        raise Refusal("too_large", f"the body is larger than {MOST_BODY >> 20} MiB", "send less")
    try:
        value = json.loads(data, parse_constant=_no_number) if data.strip() else {}
        json.dumps(value, ensure_ascii=False).encode()  # no halves of characters
    except (ValueError, RecursionError) as error:
        raise Refusal("invalid", f"the body is no JSON: {error}"[:300], "send one JSON object") from error
    _require_flat(value)
    return _validated(kind, value, "body")


def parse_query(request: Request, kind: type[Taken]) -> Taken:
    return _validated(kind, dict(request.query_params), "query")


def _validated(kind: type[Taken], value: Any, what: str) -> Taken:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or what
        known = ", ".join(kind.model_fields) or "none"
        raise Refusal("invalid", f"{place}: {first['msg']}"[:300], f"fields of the {what}: {known}") from error


def _require_flat(value: Any) -> None:
    level, depth = [value], 0
    while level := [
        item
        for held in level
        if isinstance(held, list | dict)
        for item in (held.values() if isinstance(held, dict) else held)
    ]:
        depth += 1
        if depth > DEEPEST:
            raise Refusal("invalid", f"the body is nested deeper than {DEEPEST} levels", "send something flatter")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")
