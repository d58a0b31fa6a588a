"""The former name of `agentflow.models.langchain.chat`, kept for one release."""

from agentflow.models.langchain.chat import ChatAgentflow

__all__ = ["ChatAgentflow"]
