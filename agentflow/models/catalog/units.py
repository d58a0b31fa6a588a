"""Times and sizes as people write them: `90s`, `4G`."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
FOREVER = 1e9
SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT])")
SIZES = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def seconds(value: Any) -> Any:
    """`90`, `90s`, `10m`, `2h` or `forever` as seconds; anything else is left for pydantic to refuse."""
    if value == "forever":
        return FOREVER
    if isinstance(value, str) and (match := DURATION.fullmatch(value)):
        return float(match[1]) * UNITS[match[2] or "s"]
    return value


Seconds = Annotated[
    float,
    BeforeValidator(seconds),
    Field(ge=0, le=FOREVER),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^(forever|\d.*)$"}]}),
]


def size(value: Any) -> Any:
    """`512M`, `4G` or plain bytes as bytes; anything else is left for pydantic to refuse."""
    if isinstance(value, str) and (match := SIZE.fullmatch(value)):
        return int(float(match[1]) * SIZES[match[2]])
    return value


Bytes = Annotated[
    int,
    BeforeValidator(size),
    Field(ge=0),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^\d[\d.]*[KMGT]$"}]}),
]
