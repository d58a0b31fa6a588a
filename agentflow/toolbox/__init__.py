"""Tools under a policy: plain functions found by name, described by their types, guarded at every call."""

from agentflow.toolbox.errors import ToolFailed, ToolRefused
from agentflow.toolbox.policy import Grant, granted
from agentflow.toolbox.tool import Tool, load_tool
from agentflow.toolbox.toolbox import Toolbox

__all__ = ["Grant", "Tool", "ToolFailed", "ToolRefused", "Toolbox", "granted", "load_tool"]
