"""The former name of `agentflow.research.verification`, kept for one release."""

from agentflow.research.reply import Support
from agentflow.research.verification import bounded, repeats

__all__ = ["Support", "bounded", "repeats"]
