"""Arguments as a node writes them against the schema of what they are given to: a tool or a graph."""

from typing import Any

from jsonschema import Draft202012Validator

from agentflow.text.suggest import suggest
from agentflow.toolbox.signature import inline
from agentflow.workflow.expressions import bare
from agentflow.workflow.parse import ParsedNode
from agentflow.workflow.problems import Problems
from agentflow.workflow.types import Schema, in_words


def fits(
    step: ParsedNode,
    key: str,
    written: dict[str, Any],
    given: dict[str, Schema],
    wanted: Schema,
    problems: Problems,
    who: str,
) -> None:
    """Names and types of arguments against what they are given to."""
    known = wanted.get("properties", {})
    for name, schema in given.items():
        where = (*step.where, key, name)
        if name not in known:
            problems.add(where, f"{who} takes no '{name}'", suggest(name, list(known)), key=True)
        elif problem := mismatch(written[name], schema, inline({**known[name], "$defs": wanted.get("$defs", {})})):
            problems.add(where, f"{who} wants {in_words(known[name])} for '{name}': {problem}", "change the value")
    for name in wanted.get("required", ()):
        if name not in given:
            problems.add((*step.where, key), f"{who} needs '{name}'", f"add {name}: ... under {key}", key=True)


def mismatch(value: Any, given: Schema, wanted: Schema) -> str:
    """Why a value cannot be what is wanted; empty when it can, or when nothing is known."""
    if isinstance(value, str) and bare(value) is not None:
        kinds_wanted = {option.get("type") for option in wanted.get("anyOf", [wanted])} - {None}
        found = given.get("type")
        if (
            found
            and kinds_wanted
            and found not in kinds_wanted
            and not (found == "integer" and "number" in kinds_wanted)
        ):
            return f"found {in_words(given)}"
        return ""
    if "{{" in str(value) or "{%" in str(value):
        template_of_text = isinstance(value, str) and wanted.get("type", "string") != "string" and "anyOf" not in wanted
        return "found text" if template_of_text else ""
    error = next(Draft202012Validator(wanted).iter_errors(value), None)
    return error.message[:200] if error else ""
