"""What a tool call ends with when it has no result. An agent reads the message and goes on; a workflow stops."""

from agentflow.errors import AgentflowError


class ToolRefused(AgentflowError):
    """The policy forbids the call; nothing was done. Raised by the engine."""


class ToolFailed(AgentflowError):
    """The tool was called and could not do what was asked. Raise it in a tool of yours: `ToolFailed(message, hint)`."""
