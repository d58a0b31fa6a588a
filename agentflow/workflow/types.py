"""Types as people write them (`[string]`, `yes | no`, `{name: string}`) to JSON schema, and back to words.

Text and lists get an upper bound when none is given: a weak model under a grammar must be able to come to an end.
"""

from typing import Any

from agentflow.text.suggest import suggest

SCALARS = {"string": "string", "text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
LONGEST_TEXT = 600
LONGEST_LIST = 20
CONTAINERS = {"object", "array"}
Schema = dict[str, Any]


class WrongType(ValueError):
    """`where` is the path below the type as written."""

    def __init__(self, message: str, hint: str = "", where: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.hint = hint
        self.where = where


def to_schema(written: Any, where: tuple[str | int, ...] = ()) -> Schema:
    """The JSON schema of a type as written. Raises WrongType."""
    match written:
        case str():
            return _named(written, where)
        case [one]:
            return {"type": "array", "items": to_schema(one, (*where, 0)), "maxItems": LONGEST_LIST}
        case list():
            raise WrongType("a list type holds one type", "write [string], or a | b for a choice", where)
        case {"type": str() as name} if name in SCALARS or name in CONTAINERS:
            return _detailed(written, name, where)
        case {"enum": list() as values} if values and set(written) <= {"enum", "description", "default"}:
            return dict(written)
        case dict() if written:
            fields = {key: to_schema(value, (*where, key)) for key, value in written.items()}
            return record(fields)
    raise WrongType("not a type", "write string, integer, number, boolean, a | b, [string] or {name: string}", where)


def record(fields: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _named(text: str, where: tuple[str | int, ...]) -> Schema:
    if "|" in text:
        choices = [choice.strip() for choice in text.split("|")]
        if not all(choices) or len(set(choices)) < len(choices):
            raise WrongType(f"'{text}' has an empty or repeated choice", "write yes | no | unclear", where)
        return {"type": "string", "enum": choices}
    name = SCALARS.get(text)
    if name is None:
        raise WrongType(f"unknown type '{text}'", suggest(text, list(SCALARS)), where)
    return {"type": name, **({"maxLength": LONGEST_TEXT} if name == "string" else {})}


def _detailed(written: Schema, name: str, where: tuple[str | int, ...]) -> Schema:
    """A JSON schema object; its items and properties may be written short again."""
    schema: Schema = {**written, "type": SCALARS.get(name, name)}
    unknown = set(schema) - KEYWORDS
    if unknown:
        word = min(unknown)
        raise WrongType(f"unknown key '{word}' of a type", suggest(word, KEYWORDS), (*where, word))
    if schema["type"] == "string" and "enum" not in schema:
        schema.setdefault("maxLength", LONGEST_TEXT)
    if schema["type"] == "array":
        schema["items"] = to_schema(schema.get("items", "string"), (*where, "items"))
        schema.setdefault("maxItems", LONGEST_LIST)
    if schema["type"] == "object" and isinstance(schema.get("properties"), dict):
        fields = {key: to_schema(value, (*where, "properties", key)) for key, value in schema["properties"].items()}
        schema.update(record(fields) | {"required": schema.get("required", list(fields))})
    _check_numbers(schema, where)
    return schema


KEYWORDS = {
    "type", "description", "default", "enum", "items", "properties", "required", "minimum", "maximum", "minLength",
    "maxLength", "minItems", "maxItems", "pattern",
}  # fmt: skip


def _check_numbers(schema: Schema, where: tuple[str | int, ...]) -> None:
    for key in ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"):
        value = schema.get(key, 0)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or (key[3:] in ("Length", "Items") and value < 0)
        ):
            raise WrongType(f"{key} must be a number", f"found {value!r}", (*where, key))
    for low, high in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")):
        if low in schema and high in schema and schema[low] > schema[high]:
            raise WrongType(f"{low} is larger than {high}", "no value fits both", (*where, low))


def in_words(schema: Schema | None) -> str:
    """`a list of text`, `a mapping with name, year`, for messages."""
    if not schema:
        return "anything"
    if "enum" in schema:
        return f"one of {', '.join(str(value) for value in schema['enum'])}"
    if options := schema.get("anyOf"):
        return " or ".join(in_words(option) for option in options)
    match schema.get("type"):
        case "array":
            return f"a list of {in_words(schema.get('items'))}"
        case "object":
            return f"a mapping with {', '.join(schema.get('properties', {})) or 'any keys'}"
        case "string":
            return "text"
        case "boolean":
            return "true or false"
        case "null":
            return "nothing"
        case "integer":
            return "a whole number"
        case "number":
            return "a number"
    return "anything"


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
PYTHON_TYPES: dict[type, Schema] = {str: TEXT, bool: TRUTH, int: COUNT, float: NUMBER}


def listing(items: Schema) -> Schema:
    return {"type": "array", "items": items}


PASSAGE = record(
    {"chunk": COUNT, "document": TEXT, "line": COUNT, "title": TEXT, "heading": TEXT, "source": TEXT, "text": TEXT}
)
QUOTE = record(
    {
        "id": TEXT, "text": TEXT, "document": TEXT, "line": COUNT, "place": TEXT, "source": TEXT, "date": TEXT,
        "relevance": NUMBER,
    }
)  # fmt: skip
CLAIM = record({"text": TEXT, "support": TEXT, "evidence": listing(QUOTE)})
