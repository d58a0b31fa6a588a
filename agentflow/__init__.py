"""Agentic research workflows on language models that run on your own machine.

`import agentflow` costs milliseconds: a name of `__all__` is imported from its module when it is first used.
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

# Read by these libraries at import, so they must be set before anything else is imported.
for _name, _value in {
    "LANGGRAPH_STRICT_MSGPACK": "true",
    "ANONYMIZED_TELEMETRY": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
}.items():
    os.environ.setdefault(_name, _value)

from agentflow.version import __version__

if TYPE_CHECKING:
    from agentflow.budget import Limits
    from agentflow.context import Context
    from agentflow.corpus.filter import Filter
    from agentflow.corpus.ingest.ingest import ingest
    from agentflow.corpus.passage import Passage, Place, Sentence
    from agentflow.corpus.search.search import HybridSearcher
    from agentflow.corpus.store import Corpus
    from agentflow.engine import Engine
    from agentflow.errors import AgentflowError, BudgetSpent, ConfigError, ContextOverflow, Overloaded, Unavailable
    from agentflow.evaluation.dataset import Case, CorpusDocument, Dataset
    from agentflow.evaluation.record import Record
    from agentflow.models.client.types import Answer, Message, Request, Sampling
    from agentflow.models.langchain.chat import ChatAgentflow
    from agentflow.project import Project
    from agentflow.prompts import Prompt
    from agentflow.runs.outcome import Outcome
    from agentflow.runs.replay import Replay, replay
    from agentflow.testing import HashEmbedder, ScriptedModels
    from agentflow.toolbox.errors import ToolFailed, ToolRefused

_HOME = {
    "agentflow.budget": "Limits",
    "agentflow.context": "Context",
    "agentflow.corpus.filter": "Filter",
    "agentflow.corpus.ingest.ingest": "ingest",
    "agentflow.corpus.passage": "Passage Place Sentence",
    "agentflow.corpus.search.search": "HybridSearcher",
    "agentflow.corpus.store": "Corpus",
    "agentflow.engine": "Engine",
    "agentflow.errors": "AgentflowError BudgetSpent ConfigError ContextOverflow Overloaded Unavailable",
    "agentflow.evaluation.dataset": "Case CorpusDocument Dataset",
    "agentflow.evaluation.record": "Record",
    "agentflow.models.client.types": "Answer Message Request Sampling",
    "agentflow.models.langchain.chat": "ChatAgentflow",
    "agentflow.project": "Project",
    "agentflow.prompts": "Prompt",
    "agentflow.runs.outcome": "Outcome",
    "agentflow.runs.replay": "Replay replay",
    "agentflow.testing": "HashEmbedder ScriptedModels",
    "agentflow.toolbox.errors": "ToolFailed ToolRefused",
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names.split()}

__all__ = [
    "AgentflowError",
    "Answer",
    "BudgetSpent",
    "Case",
    "ChatAgentflow",
    "ConfigError",
    "Context",
    "ContextOverflow",
    "Corpus",
    "CorpusDocument",
    "Dataset",
    "Engine",
    "Filter",
    "HashEmbedder",
    "HybridSearcher",
    "Limits",
    "Message",
    "Outcome",
    "Overloaded",
    "Passage",
    "Place",
    "Project",
    "Prompt",
    "Record",
    "Replay",
    "Request",
    "Sampling",
    "ScriptedModels",
    "Sentence",
    "ToolFailed",
    "ToolRefused",
    "Unavailable",
    "__version__",
    "ingest",
    "replay",
]


def __getattr__(name: str) -> Any:
    """PEP 562: imports a public name when it is first asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'agentflow' has no attribute '{name}'")
    value = getattr(importlib.import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
