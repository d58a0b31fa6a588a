"""What a workflow may use, as the engine wants to know it before a run."""

from typing import Any

from agentflow.workflow.node_types import Python
from agentflow.workflow.parse import Workflow


def limits_by_tool(workflow: Workflow) -> dict[str, dict[str, Any]]:
    """Tool to limits. A function named by a python node is granted by being named."""
    granted = {name: grant.model_dump() if grant else {} for name, grant in workflow.file.tools.items()}
    for step in workflow.block.walk():
        if isinstance(step.node, Python):
            granted.setdefault(step.node.function, {})
    return granted
