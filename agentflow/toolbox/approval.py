"""A person's yes, bound to the exact arguments by a hash: other arguments are another question (OWASP ASI09)."""

import hashlib
import json
from typing import Any

from langgraph.types import interrupt

from agentflow.toolbox.errors import ToolRefused


def binding(subject: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of what is to be approved."""
    text = json.dumps(subject, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def require_answer(subject: dict[str, Any]) -> dict[str, Any]:
    """Pauses the run until a person answers `{"approved": bool, "binding": the subject's}`.

    An answer bound to anything else counts for nothing: an earlier question of the same step, or arguments that have
    changed since. The question is then asked again. Only call it inside a node.
    """
    question = {**subject, "binding": binding(subject)}
    while True:
        answer = interrupt(question)
        if isinstance(answer, dict) and answer.get("binding") == question["binding"]:
            return answer


def require_approval(tool: str, arguments: dict[str, Any]) -> None:
    """Raises ToolRefused when the person says no."""
    answer = require_answer({"kind": "tool", "tool": tool, "arguments": arguments})
    if answer.get("approved") is not True:
        reason = str(answer.get("reason") or "no reason given")
        raise ToolRefused(f"a person refused this call of {tool}: {reason}", "go on without it")
