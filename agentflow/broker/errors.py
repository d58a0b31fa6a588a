"""What can go wrong with a broker, beyond agentflow/errors.py."""

from agentflow.errors import AgentflowError, Unavailable


class BrokerFailed(Unavailable):
    """It cannot be reached, or does not take what it is given now: it is tried again."""


class TooLarge(AgentflowError):
    """It takes no message of this size."""
