"""Checkpoints as plain JSON with a hash: loading one never imports or calls anything, and damage is found.

LangGraph's own serializer revives objects by importing what the bytes name (CVE-2025-64439, CVE-2026-28277). This one
knows JSON, tuples, sets of scalars and the three LangGraph values that state needs: Send, Interrupt and Overwrite. Everything else is
refused when it is saved, with the path of the culprit.
"""

import hashlib
import json
import math
from typing import Any

from langgraph.types import Interrupt, Overwrite, Send

from agentflow.runs.blobs import Blobs, compact, to_bytes, to_text
from agentflow.runs.errors import Damaged, NotPlainJson

TAG = "af1"
DIGEST = 32  # bytes of sha256 before the JSON


class PlainJson:
    """A LangGraph serializer. load(save(x)) == x, or save raises NotPlainJson."""

    def __init__(self, blobs: Blobs) -> None:
        self.blobs = blobs

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        try:
            text = to_bytes(self.blobs.pack(encode(obj)))
        except RecursionError:
            raise NotPlainJson("a value of the state is nested too deep", "keep state flat: ids, not trees") from None
        return TAG, hashlib.sha256(text).digest() + text

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        return self.blobs.unpack(payload(*data), revive)


def payload(tag: str, data: bytes) -> str:
    """The JSON text of a stored value. Raises Damaged unless it is ours and whole."""
    if tag != TAG or not isinstance(data, bytes):
        raise Damaged(f"a checkpoint of the unknown kind {tag!r} was refused", "it was not written by agentflow")
    if hashlib.sha256(data[DIGEST:]).digest() != data[:DIGEST]:
        raise Damaged("a checkpoint does not match its hash", "see `agentflow runs verify`")
    return to_text(data[DIGEST:])


def is_plain(value: Any) -> bool:
    """Whether JSON gives the value back as it is and no key starts with `$`. At the speed of C, which a walk is not."""
    try:
        text = compact(value)
    except (TypeError, ValueError):
        return False
    return '"$' not in text and bool(json.loads(text) == value)


def encode(value: Any, where: str = "state") -> Any:
    """A tree of JSON types; other types become an object with one key that starts with `$`."""
    if isinstance(value, dict | list) and is_plain(value):
        return value
    match value:
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case float():
            if not math.isfinite(value):
                raise NotPlainJson(f"{where} is {value}, which JSON cannot express", "replace it by None")
            return float(value)
        case list():
            return [encode(item, f"{where}[{place}]") for place, item in enumerate(value)]
        case dict():
            if strange := [key for key in value if not isinstance(key, str)]:
                raise NotPlainJson(f"{where} has the key {strange[0]!r}, which is no string", "use strings as keys")
            items = {key: encode(item, f"{where}.{key}") for key, item in value.items()}
            return {"$dict": list(map(list, items.items()))} if any(key[:1] == "$" for key in items) else items
        case tuple():
            return {"$tuple": [encode(item, f"{where}[{place}]") for place, item in enumerate(value)]}
        case Send(timeout=None):
            return {"$send": [value.node, encode(value.arg, f"{where}.send({value.node})")]}
        case Interrupt():
            return {"$interrupt": [encode(value.value, f"{where}.interrupt"), value.id]}
        case Overwrite():
            return {"$overwrite": encode(value.value, where)}
        case set() if all(isinstance(item, str | int | float | None) for item in value):
            # what an edge [a, b] waits for
            return {"$set": sorted((encode(item, where) for item in value), key=compact)}
        case BaseException():
            return {"$error": f"{type(value).__name__}: {value}"}
    raise NotPlainJson(
        f"{where} is a {type(value).__module__}.{type(value).__qualname__}, which is not plain JSON",
        "keep str, int, float, bool, list, dict and None in the state",
    )


def revive(item: dict[str, Any]) -> Any:
    """The inverse of `encode` for one JSON object."""
    if len(item) != 1:
        return item
    ((key, value),) = item.items()
    match key:
        case "$dict":
            return dict(value)
        case "$tuple":
            return tuple(value)
        case "$set":
            return set(value)
        case "$send":
            return Send(*value)
        case "$interrupt":
            return Interrupt(value=value[0], id=value[1])
        case "$overwrite":
            return Overwrite(value)
        case "$error":
            return RuntimeError(value)
    return item


def plain(value: Any, where: str) -> Any:
    """A tool's result as JSON reads it back (tuples become lists). Raises NotPlainJson with the culprit's path."""
    try:
        encode(value, where)
        return json.loads(compact(value))
    except RecursionError:
        raise NotPlainJson(f"{where} is nested too deep", "return flatter data") from None
