"""A function's types as a JSON schema: what a model is shown and what every call is validated against."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

from pydantic import ConfigDict, Field, PydanticUserError, TypeAdapter, create_model
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from agentflow.errors import ConfigError

INJECTED = "context"  # the keyword parameter that receives the run's Context and is hidden from models


class _Untitled(GenerateJsonSchema):
    """JSON schema without the titles that pydantic derives from names: they cost tokens and say nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """The JSON schema of the arguments. Raises ConfigError for a parameter without a type."""
    hints = _hints(function)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name == INJECTED:
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or name not in hints:
            raise ConfigError(
                f"{place(function)}: {function.__name__}({name}) has no type",
                "annotate each parameter; *args and **kwargs cannot be described",
            )
        default = Field(...) if parameter.default is parameter.empty else parameter.default
        fields[name] = (_described(hints[name]), default)
    model = create_model("Arguments", __config__=ConfigDict(extra="forbid"), **fields)
    schema: dict[str, Any] = model.model_json_schema(schema_generator=_Untitled)
    schema.pop("title", None)
    schema.setdefault("properties", {})
    return schema


def returns(function: Callable[..., Any]) -> dict[str, Any]:
    """The JSON schema of the result; {} when it says nothing that JSON schema can say."""
    try:
        schema = TypeAdapter(_hints(function).get("return", Any)).json_schema(schema_generator=_Untitled)
    except PydanticUserError:
        return {}
    schema.pop("title", None)
    return schema


def takes_context(function: Callable[..., Any]) -> bool:
    return INJECTED in inspect.signature(function).parameters


def place(function: Callable[..., Any]) -> str:
    """`path:line:column` of a function, for messages."""
    return f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}:1"


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(function, include_extras=True)


def _described(hint: Any) -> Any:
    """`Annotated[str, "what it is"]` describes a parameter like `Field(description=...)` does."""
    notes = getattr(hint, "__metadata__", ())
    words = next((note for note in notes if isinstance(note, str)), None)
    if words is None or any(isinstance(note, FieldInfo) for note in notes):
        return hint
    return Annotated[hint, Field(description=words)]


def inline(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its local `$ref`s written out; a recursive one becomes {} where it recurs."""
    definitions = schema.get("$defs", {})

    def walk(node: Any, open_names: frozenset[str]) -> Any:
        if isinstance(node, list):
            return [walk(item, open_names) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            name = str(node["$ref"]).rsplit("/", 1)[-1]
            return {} if name in open_names else walk(definitions.get(name, {}), open_names | {name})
        return {key: walk(value, open_names) for key, value in node.items() if key != "$defs"}

    result: dict[str, Any] = walk(schema, frozenset())
    return result
