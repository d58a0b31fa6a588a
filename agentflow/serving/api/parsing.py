"""Bodies of requests to their typed form."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from agentflow.serving.api.errors import ErrorResponse

MAX_BODY = 64 << 20  # bytes
Ask = TypeVar("Ask", bound=BaseModel)


async def parse(request: Request, kind: type[Ask]) -> Ask:
    """Raises ErrorResponse with the first thing that is wrong."""
    return validated(kind.model_validate_json, await read_body(request))


async def parse_object(request: Request) -> dict[str, Any]:
    """The body as it came. Raises ErrorResponse when it is no JSON object."""
    try:
        data = json.loads(await read_body(request))
    except (ValueError, RecursionError) as error:
        raise ErrorResponse("invalid_request", f"body: Invalid JSON: {error}") from error
    if not isinstance(data, dict):
        raise ErrorResponse("invalid_request", "body: must be a JSON object")
    return data


async def read_body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise ErrorResponse("too_large", f"the body is larger than {MAX_BODY >> 20} MiB")
    return bytes(body)


def validated(validate: Callable[[Any], Ask], data: Any) -> Ask:
    """Raises ErrorResponse with the first thing that is wrong."""
    try:
        return validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ErrorResponse("invalid_request", f"{place or 'body'}: {first['msg']}", place or None) from error
