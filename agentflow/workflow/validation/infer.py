"""What an expression or template of a workflow yields, found without running it, and what is wrong with it."""

from collections.abc import Callable
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from agentflow.workflow.expressions import ENVIRONMENT, bare
from agentflow.workflow.types import PYTHON_TYPES, TEXT, Schema, listing, record
from agentflow.workflow.validation.template_types import Names, Say, Walker

__all__ = ["Names", "Say", "infer", "infer_data", "infer_template"]


def infer(source: str, names: Names, say: Say) -> Schema:
    """The type of an expression, with or without its braces."""
    expression = bare(source)
    return _parsed("{{ (" + (expression if expression is not None else source) + ") }}", names, say, expression=True)


def infer_template(source: str, names: Names, say: Say) -> None:
    _parsed(source, names, say, expression=False)


def infer_data(
    value: Any, names: Names, say: Callable[[tuple[str | int, ...]], Say], where: tuple[str | int, ...] = ()
) -> Schema:
    """The type of data with templates in it; `say(where)` reports about a part of it."""
    match value:
        case str() if bare(value) is not None:
            return infer(value, names, say(where))
        case str():
            infer_template(value, names, say(where))
            return TEXT if "{{" in value or "{%" in value else {"type": "string", "const": value}
        case dict():
            return record({key: infer_data(item, names, say, (*where, key)) for key, item in value.items()})
        case list():
            items = [infer_data(item, names, say, (*where, index)) for index, item in enumerate(value)]
            return listing(items[0] if items else {})
    return PYTHON_TYPES.get(type(value), {})


def _parsed(text: str, names: Names, say: Say, *, expression: bool) -> Schema:
    try:
        tree = ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        hint = "write an expression like NODE.field or a > 1" if expression else "check the braces {{ }} and {% %}"
        say(f"not a template: {error.message}", hint, error.lineno)
        return {}
    except (RecursionError, MemoryError):
        say("the template is nested too deep", "split it", 1)
        return {}
    walker = Walker(names, say)
    if not expression:
        walker.block(tree.body)
        return TEXT
    output = tree.body[0] if len(tree.body) == 1 else None
    if not isinstance(output, nodes.Output) or len(output.nodes) != 1:
        say("not a single expression", "write an expression like NODE.field or a > 1, without text around it", 1)
        return {}
    return walker.type_of(output.nodes[0])
