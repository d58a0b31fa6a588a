"""The state of a running workflow as plain JSON, and how what its tasks return is merged into it."""

from collections.abc import Mapping
from typing import Any, TypedDict

from jinja2 import TemplateError, meta

from agentflow.workflow.expressions import ENVIRONMENT
from agentflow.workflow.node_types import Loop, Map
from agentflow.workflow.parse import ParsedNode

State = dict[str, Any]


GONE = {"$gone": True}  # a loop's new turn-taking takes back what its nodes made the last time


def merge(old: State, new: State) -> State:
    return {name: value for name, value in {**old, **new}.items() if value != GONE}


def merge_parts(old: dict[str, State], new: Mapping[str, State | None]) -> dict[str, State]:
    """Finished items by map and place; None starts a map afresh."""
    return {**old, **{name: {**old.get(name, {}), **part} if part is not None else {} for name, part in new.items()}}


class MapItem(TypedDict):
    """One task of a map. `label` is what a person reads."""

    label: str
    inputs: State
    made: State
    item: Any
    index: int


def last_part(step: ParsedNode) -> str:
    """The LangGraph node with which a step ends."""
    return (
        f"{step.name}.all"
        if isinstance(step.node, Map)
        else f"{step.name}.until"
        if isinstance(step.node, Loop)
        else step.name
    )


def finished(step: ParsedNode, made: Mapping[str, Any]) -> bool:
    if isinstance(step.node, Loop) and step.name in made:
        return bool(made[step.name]["done"]) or made[step.name]["turns"] >= step.node.max_turns
    return step.name in made


def roots(value: Any) -> set[str]:
    """The names that templates and expressions in some data start from."""
    match value:
        case str():
            source = value if "{{" in value or "{%" in value else "{{ (" + value + ") }}"
            try:
                return set(meta.find_undeclared_variables(ENVIRONMENT.parse(source)))
            except TemplateError:
                return set()  # plain words, not an expression
        case dict():
            return set().union(*(roots(item) for item in value.values()))
        case list() | tuple():
            return set().union(*(roots(item) for item in value))
    return set()
