"""The former name of `agentflow.corpus.evidence`, kept for one release."""

from agentflow.corpus.evidence import Evidence, cite

__all__ = ["Evidence", "cite"]
