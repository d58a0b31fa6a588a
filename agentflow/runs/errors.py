"""What can go wrong with a run, beyond agentflow/errors.py."""

from agentflow.errors import AgentflowError, Unavailable


class Damaged(AgentflowError):
    """Stored data does not match its seal; it was not used."""


class Held(Unavailable):
    """Another living process owns the run."""


class LeaseLost(AgentflowError):
    """Another process took this run over: nothing more may be written for it here."""


class Diverged(AgentflowError):
    """A replay asked for something that the recorded run did not."""


class NotPlainJson(AgentflowError):
    """State or a tool's result holds what JSON cannot express."""
