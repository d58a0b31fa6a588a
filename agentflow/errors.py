"""The errors a person can cause.

AgentflowError
├── ConfigError      a file that a person wrote is wrong (exit code 2)
├── Unavailable      a server, a weight file or a lock is not to be had now
│   └── Overloaded   the server's queue is full; try again later
├── ContextOverflow  a prompt does not fit the model's window
└── BudgetSpent      a run reached one of its limits
Everything else is a bug and shows its traceback.
"""


class AgentflowError(Exception):
    """Something a person can mend: `message` says what was looked for and where, `hint` what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(AgentflowError):
    """A file a person wrote is wrong; the message starts with `path:line:column`."""

    exit_code = 2


class Unavailable(AgentflowError):
    """A server, weight file or lock is not to be had now."""


class Overloaded(Unavailable):
    """The server's queue is full."""


class ContextOverflow(AgentflowError):
    """A prompt does not fit the model's context window; it was not sent. Lengths in tokens, 0 where not known."""

    def __init__(self, message: str, hint: str = "", *, tokens: int = 0, window: int = 0) -> None:
        super().__init__(message, hint)
        self.tokens = tokens
        self.window = window


class BudgetSpent(AgentflowError):
    """A run reached a limit of its budget."""
