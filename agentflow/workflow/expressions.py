"""Jinja in its sandbox over plain JSON: templates and conditions of workflow files.

Narrower than Jinja's own sandbox: names lead to mapping keys and list positions only, never to attributes of Python
objects; nothing can be called; filters are the few below, and what they make has a bound.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, Undefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agentflow.errors import AgentflowError
from agentflow.workflow.csvtext import as_csv

LONGEST = 1_000_000  # characters that one template, filter or operator may make
LOOP_FIELDS = ("index", "index0", "first", "last", "length")
FILTERS = (
    "abs", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby", "int", "items", "join",
    "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse", "round",
    "select", "selectattr", "sort", "string", "sum", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
TESTS = (
    "defined", "undefined", "none", "string", "number", "integer", "boolean", "mapping", "sequence", "in", "eq", "ne",
    "lt", "le", "gt", "ge", "==", "!=", "<", "<=", ">", ">=", "equalto", "lessthan", "greaterthan", "true", "false",
)  # fmt: skip


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _flatten(value: Any) -> list[Any]:
    """One list out of a list of lists."""
    return [item for part in value for item in (part if isinstance(part, list) else [part])]


def _record(rows: Any, key: str, value: str) -> dict[str, Any]:
    """One mapping out of a list of mappings that each hold a key and a value."""
    return {str(row[key]): row[value] for row in rows}


def _union(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """One mapping out of two; the second wins."""
    return {**first, **second}


OWN_FILTERS = {"json": _json, "csv": as_csv, "flatten": _flatten, "record": _record, "union": _union}


class Expressions(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in FILTERS} | OWN_FILTERS
        self.filters |= {"join": _bounded_join(self.filters["join"]), "replace": _replace}
        self.tests = {name: self.tests[name] for name in TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | str) and isinstance(argument, int | slice) and not isinstance(argument, bool):
            try:
                return obj[argument]
            except IndexError:
                pass
        if isinstance(obj, tuple) and argument in (0, 1):  # pairs of groupby and dictsort
            return obj[argument]
        if isinstance(obj, LoopContext) and argument in LOOP_FIELDS:
            return getattr(obj, argument)
        return self.undefined(obj=obj, name=str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        return False

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        texts = (isinstance(left, str) and isinstance(right, str)) or (
            isinstance(left, list) and isinstance(right, list)
        )
        if operator == "**" or not (numbers or (texts and operator == "+")):
            raise SecurityError(f"'{operator}' works on numbers here")
        return super().call_binop(context, operator, left, right)


def _bounded_join(join: Any) -> Any:
    from jinja2 import pass_eval_context

    @pass_eval_context
    def bounded(eval_ctx: Any, value: Any, separator: str = "", attribute: str | None = None) -> str:
        items = list(value)
        if len(str(separator)) * len(items) > LONGEST or sum(len(str(item)) for item in items) > LONGEST:
            raise SecurityError("the joined text is too long")
        return str(join(eval_ctx, items, separator, attribute))

    return bounded


def _replace(value: Any, old: str, new: str) -> str:
    text = str(value)
    if not old or text.count(old) * len(new) > LONGEST:
        raise SecurityError("the replaced text is empty or too long")
    return text.replace(old, new)


ENVIRONMENT = Expressions()


@cache
def _template(source: str) -> Template:
    return ENVIRONMENT.from_string(source)


@cache
def _expression(source: str) -> Any:
    return ENVIRONMENT.compile_expression(source, undefined_to_none=False)


def bare(source: str) -> str | None:
    """The expression of a text that is one `{{ ... }}` and nothing else; None for other text."""
    text = source.strip()
    if text.startswith("{{") and text.endswith("}}") and text.count("{{") == 1 and "{%" not in text:
        return text[2:-2].strip()
    return None


def evaluate(source: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression, with or without its braces. Raises AgentflowError."""
    try:
        value = _expression(bare(source) or source)(**names)
        if isinstance(value, Undefined):
            str(value)  # StrictUndefined says which name it was
        return value
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise AgentflowError(
            f"cannot evaluate '{source.strip()[:100]}': {error}", "agentflow check FILE may tell more"
        ) from error


def render(source: str, names: Mapping[str, Any]) -> str:
    """The text of a template. Raises AgentflowError."""
    pieces: list[str] = []
    size = count = 0
    try:
        for piece in _template(source).generate(**names):
            pieces.append(piece)
            size, count = size + len(piece), count + 1
            if size > LONGEST or count > LONGEST:
                raise SecurityError(f"the text is longer than {LONGEST:,} characters")
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise AgentflowError(
            f"cannot fill '{source.strip()[:100]}': {error}", "agentflow check FILE may tell more"
        ) from error
    return "".join(pieces)


def fill(value: Any, names: Mapping[str, Any]) -> Any:
    """Data with its templates filled; a text that is one `{{ expression }}` becomes the expression's own value."""
    match value:
        case str() if (expression := bare(value)) is not None:
            found = evaluate(expression, names)
            return list(found) if hasattr(found, "__next__") else found
        case str() if "{{" in value or "{%" in value:
            return render(value, names)
        case dict():
            return {key: fill(item, names) for key, item in value.items()}
        case list():
            return [fill(item, names) for item in value]
    return value
