"""The former name of `agentflow.research.verification`, kept for one release."""

from agentflow.research.verification import Support, bounded, repeats

__all__ = ["Support", "bounded", "repeats"]
