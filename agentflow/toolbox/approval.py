"""A person's yes, bound to the exact arguments by a hash: other arguments are another question (OWASP ASI09)."""

import hashlib
import json
from typing import Any

from langgraph.types import interrupt

from agentflow.toolbox.errors import ToolRefused
from agentflow.toolbox.tool import mismatches


def binding(subject: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of what is to be approved."""
    text = json.dumps(subject, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def require_answer(subject: dict[str, Any]) -> dict[str, Any]:
    """Pauses the run until a person answers `{"approved": bool, "binding": the subject's}`, with a `value` of the
    form of the subject's where it was edited.

    Any other answer counts for nothing, also one bound to an earlier question of the same step, or to arguments that
    have changed since. The question is then asked again, with `refused`: why. Only call it inside a node.
    """
    question = {**subject, "binding": binding(subject)}
    answer = interrupt(question)
    while why := wrong(answer, question):
        answer = interrupt({**question, "refused": why})
    return dict(answer)


def wrong(answer: Any, question: dict[str, Any]) -> str:
    """Why the answer does not count; empty when it does."""
    if not isinstance(answer, dict) or type(answer.get("approved")) is not bool:
        return f"answer {form(question)}, or false to say no"
    if answer.get("binding") != question["binding"]:
        return "the binding is that of another question; take the one shown here"
    if answer["approved"] and (
        found := mismatches(answer, {"properties": {"value": schema_of(question.get("value"))}})
    ):
        return f"the value has not the form of the one shown: {found}"
    return ""


def form(question: dict[str, Any]) -> str:
    """What a person answers to go on, as JSON."""
    return json.dumps({"approved": True, "binding": question["binding"]})


def schema_of(shown: Any) -> dict[str, Any]:
    """The form that a value keeps when it is edited. What is empty or null may become anything."""
    match shown:
        case dict():
            return {
                "type": "object",
                "required": list(shown),
                "properties": {k: schema_of(v) for k, v in shown.items()},
            }
        case list():
            return {"type": "array", "items": schema_of(shown[0]) if shown else {}}
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
        case str():
            return {"type": "string"}
    return {}


def require_approval(tool: str, arguments: dict[str, Any]) -> None:
    """Raises ToolRefused when the person says no."""
    answer = require_answer({"kind": "tool", "tool": tool, "arguments": arguments})
    if answer.get("approved") is not True:
        reason = str(answer.get("reason") or "no reason given")
        raise ToolRefused(f"a person refused this call of {tool}: {reason}", "go on without it")
