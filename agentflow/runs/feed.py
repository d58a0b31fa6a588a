"""The former name of `agentflow.runs.event_log`, kept for one release."""

from agentflow.runs.event_log import read

__all__ = ["read"]
