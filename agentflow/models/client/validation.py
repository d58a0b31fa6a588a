"""Every structured answer is checked again on our side: servers drop, loosen or break schemas in several known ways."""

import json
from typing import Any

from jsonschema import Draft202012Validator


def fault(text: str, schema: dict[str, Any]) -> str:
    """What is wrong with an answer, in one sentence; empty when it is valid JSON of the schema."""
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        return f"the answer is not JSON ({error}): {text[:200]!r}"
    wrong = next(Draft202012Validator(schema).iter_errors(data), None)
    if wrong is None:
        return ""
    place = "/".join(str(part) for part in wrong.absolute_path) or "the answer"
    return f"{place} breaks the schema: {wrong.message[:200]}"
