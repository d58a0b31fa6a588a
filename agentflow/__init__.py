"""Agentic research workflows on language models that run on your own machine."""

import os

# Read by these libraries at import, so they must be set before anything else is imported.
for _name, _value in {
    "LANGGRAPH_STRICT_MSGPACK": "true",
    "ANONYMIZED_TELEMETRY": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
}.items():
    os.environ.setdefault(_name, _value)

from agentflow.version import __version__

__all__ = ["__version__"]
