"""Every way a call can break, in the words of `Failure`, and Failure as the error to raise."""

from agentflow.errors import AgentflowError, ContextOverflow, Overloaded, Unavailable
from agentflow.models.client.types import Failure


class ModelError(AgentflowError):
    """A call failed for a reason that is not the server's absence; `kind` as in Failure."""

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.kind = kind


class Malformed(ModelError):
    """No valid answer came within the token limit: a graph goes on without it, and says so."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__("schema", message, hint)


class Broken(Exception):
    """A failed attempt inside the client; `after` is the server's Retry-After in seconds, `status` its HTTP status, 0
    where it sent none."""

    def __init__(self, failure: Failure, after: float = 0.0) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.after = after
        self.status = 0


def error_of(failure: Failure, model: str) -> AgentflowError:
    """What to raise when a whole answer was wanted."""
    match failure.kind:
        case "overloaded":
            return Overloaded(f"'{model}' is overloaded: {failure.message}", "try again later, or raise its `queue`")
        case "timeout":
            return Unavailable(f"'{model}' took too long: {failure.message}", "raise the deadline or its `timeout`")
        case "connection":
            return Unavailable(f"'{model}' cannot be reached: {failure.message}", "see `agentflow models ps`")
        case "context_overflow":
            return ContextOverflow(
                f"'{model}': {failure.message}", "shorten the prompt, or raise `context` in models.yaml"
            )
        case "server":
            return Unavailable(f"'{model}': {failure.message}", "see the server's log: `agentflow models ps`")
        case "schema":
            return Malformed(f"'{model}': {failure.message}", "choose a larger model")
    return ModelError(failure.kind, f"'{model}': {failure.message}")
