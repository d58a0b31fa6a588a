"""Strict YAML for files that people write: every fault is a ConfigError that starts with `path:line:column`.

Read from libyaml's event stream, without recursion: no anchors, aliases or tags (alias bombs, object construction), no
duplicate or non-text keys, and caps on size, depth and nodes. Plain scalars follow the YAML 1.2 core schema, so that
`no` is text and `012` is not octal. `check` validates the result with pydantic and puts its errors in the same form.
"""

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from agentflow.errors import ConfigError
from agentflow.storage.wanted import worded
from agentflow.text.suggest import suggest

MAX_BYTES = 256 * 1024
MAX_DEPTH = 40
MAX_NODES = 10_000

KeyPath = tuple[str | int, ...]
Place = tuple[int, int]
Model = TypeVar("Model", bound=BaseModel)

NULLS = {"", "~", "null", "Null", "NULL"}
BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,18})")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,16}")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")


@dataclass(slots=True)
class Marks:
    """Where each key path of a file stands: line and column, from 1. Paths hold keys and list positions."""

    path: Path
    keys: dict[KeyPath, Place] = field(default_factory=dict)
    values: dict[KeyPath, Place] = field(default_factory=dict)

    def place(self, where: KeyPath, *, key: bool = False) -> Place:
        """Line and column of a value (or of its key); of the nearest enclosing one when the path is unknown."""
        first, second = (self.keys, self.values) if key else (self.values, self.keys)
        for end in range(len(where), -1, -1):
            if found := first.get(where[:end]) or second.get(where[:end]):
                return found
        return (1, 1)

    def error(self, where: KeyPath, message: str, hint: str = "", *, key: bool = False) -> ConfigError:
        """The error to raise for what stands at `where`."""
        line, column = self.place(where, key=key)
        return ConfigError(f"{self.path}:{line}:{column}: {message}", hint)


def load_yaml(path: Path) -> tuple[dict[str, Any], Marks]:
    """Reads one file whose root is a mapping. Raises ConfigError for whatever is wrong with it."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"{path}:1:1: cannot be read: {error.strerror}", "check the path and its permissions"
        ) from error
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{path}:1:1: larger than {MAX_BYTES // 1024} kB", "split it into several files")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place_of(raw[: error.start].decode("utf-8", "replace"))
        raise ConfigError(f"{path}:{line}:{column}: not UTF-8 text", "save the file as UTF-8") from error
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path) -> tuple[dict[str, Any], Marks]:
    """Like `load_yaml` for text at hand; `path` only names it in messages."""
    builder = _Builder(path)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = error.problem or error.context or "not YAML"
        raise ConfigError(f"{path}:{line}:{column}: {problem}", "check indentation, quotes and brackets") from error
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        line, column = _place_of(text[:position])
        reason = getattr(error, "reason", str(error))
        raise ConfigError(
            f"{path}:{line}:{column}: {reason}", "remove the character that YAML does not allow"
        ) from error
    except ValueError as error:  # libyaml's binding on lone surrogates
        raise ConfigError(f"{path}:1:1: not YAML text: {error}", "save the file as UTF-8") from error
    if not isinstance(builder.root, dict):
        found = "empty" if builder.root is None else f"a {_kind(builder.root)}"
        raise builder.marks.error(
            (), f"expected a mapping of keys to values, found {found}", "write `key: value` lines"
        )
    return builder.root, builder.marks


def check(model: type[Model], data: Any, marks: Marks, where: KeyPath = ()) -> Model:
    """Validates `data`, which stands at `where` in the file. Raises ConfigError for the first fault in file order."""
    found = faults(model, data, marks, where)
    if not isinstance(found, list):
        return found
    first, more = found[0], f" ({len(found) - 1} more below)" if len(found) > 1 else ""
    raise ConfigError(f"{marks.path}:{first.line}:{first.column}: {first.message}{more}", first.hint)


class YamlFault(NamedTuple):
    line: int
    column: int
    message: str
    hint: str


def faults(model: type[Model], data: Any, marks: Marks, where: KeyPath = ()) -> Model | list[YamlFault]:
    """The validated model, or everything that is wrong with `data`, in file order."""
    try:
        return model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        found = []
        for fault in error.errors():
            path = _known(data, fault["loc"])
            place = marks.place((*where, *path), key=_about_key(fault))
            found.append((place, fault["type"] == "missing", YamlFault(*place, *_explain(model, fault, path, where))))
        return [fault for *_, fault in sorted(found, key=lambda item: item[:2])]


def _explain(model: type[BaseModel], fault: Any, path: KeyPath, where: KeyPath) -> tuple[str, str]:
    name = ".".join(str(part) for part in path or where[-1:]) or "the file"
    if fault["type"] == "extra_forbidden":
        known = _known_keys(model.model_json_schema(), path[:-1])
        return f"unknown key '{path[-1]}'", suggest(str(path[-1]), known)
    if fault["type"] == "missing":
        return f"{name}: key '{fault['loc'][-1]}' is missing", "add it"
    if fault["type"] in ("literal_error", "union_tag_invalid"):
        expected = str(fault["ctx"].get("expected") or fault["ctx"].get("expected_tags"))
        return f"{name}: {fault['input']!r} is not one of {expected}", suggest(str(fault["input"]), _quoted(expected))
    return f"{name}: {worded(fault)}", f"found {_kind(fault['input'])} {_short(fault['input'])}"


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


def _about_key(fault: Any) -> bool:
    return bool(fault["type"] == "extra_forbidden")


def _known(data: Any, loc: tuple[Any, ...]) -> KeyPath:
    """The parts of a pydantic location that exist in the data: its own tags of unions are not in the file."""
    path: list[str | int] = []
    for part in loc:
        inside = isinstance(data, dict) and part in data
        if inside or (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            data = data[part]
            path.append(part)
    return tuple(path)


def _known_keys(schema: dict[str, Any], path: KeyPath) -> list[str]:
    """The property names a JSON schema allows at a path, over all branches of its unions."""
    level = _branches(schema, schema)
    for part in path:
        below = [node.get("properties", {}).get(part) or node.get("additionalProperties") for node in level]
        items = [node.get("items") for node in level]
        found = items if isinstance(part, int) else below
        level = [leaf for node in found if isinstance(node, dict) for leaf in _branches(node, schema)]
    return sorted({name for node in level for name in node.get("properties", {})})


def _branches(node: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    if reference := node.get("$ref"):
        return _branches(root["$defs"][reference.rsplit("/", 1)[-1]], root)
    options = [*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())]
    return [node, *(leaf for option in options for leaf in _branches(option, root))]


def _place_of(before: str) -> Place:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _kind(value: Any) -> str:
    names = {dict: "mapping", list: "list", str: "text", bool: "true/false", int: "number", float: "number"}
    return names.get(type(value), "nothing")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read; `key` is the mapping's key that waits for its value."""

    value: dict[str, Any] | list[Any]
    path: KeyPath
    key: str | None = None


class _Builder:
    """Plain data and marks from libyaml events."""

    def __init__(self, path: Path) -> None:
        self.marks = Marks(path)
        self.root: Any = None
        self.stack: list[_Open] = []
        self.nodes = 0
        self.documents = 0

    def take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self.refuse(event, "a second document", "one file holds one document; remove the `---` line")
            case yaml.AliasEvent():
                self.refuse(event, f"alias *{event.anchor}", "repeat the value: anchors and aliases are not allowed")
            case yaml.ScalarEvent():
                self.add(event, _scalar(event))
            case yaml.MappingStartEvent():
                self.add(event, {})
            case yaml.SequenceStartEvent():
                self.add(event, [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.stack.pop()

    def add(self, event: Any, value: Any) -> None:
        self.nodes += 1
        if event.anchor:
            self.refuse(event, f"anchor &{event.anchor}", "repeat the value: anchors and aliases are not allowed")
        if event.tag:
            self.refuse(event, f"tag {event.tag}", "remove it: values are plain text, numbers, true or false")
        if self.nodes > MAX_NODES:
            self.refuse(event, f"more than {MAX_NODES} values", "split the file")
        parent = self.stack[-1] if self.stack else None
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            return self.open_key(event, parent, value)
        path: KeyPath = ()
        if parent is None:
            self.root = value
        elif isinstance(parent.value, dict):
            assert parent.key is not None
            path, parent.value[parent.key] = (*parent.path, parent.key), value
            parent.key = None
        else:
            path = (*parent.path, len(parent.value))
            parent.value.append(value)
        self.marks.values[path] = _start(event)
        if isinstance(value, dict | list):
            if len(self.stack) >= MAX_DEPTH:
                self.refuse(event, f"nested deeper than {MAX_DEPTH} levels", "flatten the file")
            self.stack.append(_Open(value, path))

    def open_key(self, event: Any, parent: _Open, key: Any) -> None:
        if not isinstance(key, str):
            self.refuse(event, f"a key must be text, found {_kind(key)}", "put the key in quotes")
        if key in parent.value:
            line, _ = self.marks.keys[(*parent.path, key)]
            self.refuse(event, f"key '{key}' is given twice, first in line {line}", "remove one of them")
        self.marks.keys[(*parent.path, key)] = _start(event)
        parent.key = key

    def refuse(self, event: Any, message: str, hint: str) -> NoReturn:
        line, column = _start(event)
        raise ConfigError(f"{self.marks.path}:{line}:{column}: {message}", hint)


def _start(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.style:  # quoted or a block: always text
        return text
    if text in NULLS:
        return None
    if text in BOOLS:
        return BOOLS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if FLOAT.fullmatch(text) and math.isfinite(float(text)) and not text.lstrip("+-").isdigit():
        return float(text)
    return text
