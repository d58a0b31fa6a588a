"""The errors a person can cause.

AgentflowError
├── ConfigError      a file that a person wrote is wrong (exit code 2)
├── Unavailable      a server, a weight file or a lock is not to be had now
│   └── Overloaded   the server's queue is full; try again later
│       └── ShareSpent   whoever asks has had as much as they may for now
├── Unauthorized     nobody that is known asks
├── Forbidden        who asks is known, and may not do this
├── StoreFailed      the database of runs cannot be read or written now
├── ContextOverflow  a prompt does not fit the model's window
└── BudgetSpent      a run reached one of its limits
Everything else is a bug and shows its traceback.
"""

import errno


class AgentflowError(Exception):
    """Something a person can mend: `message` says what was looked for and where, `hint` what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def unwritable(error: OSError, path: object = "") -> AgentflowError | None:
    """An error of the file system that a person can mend, such as a full disk; None for any other."""
    hints = {
        errno.EROFS: "the file system is read-only: work in another folder, or name one with --project",
        errno.EACCES: "check the owner and mode of the file and its folder",
        errno.EPERM: "check the owner and mode of the file and its folder",
        errno.ENOSPC: "free some space and run the same command again: what is done is kept",
        errno.EDQUOT: "your quota is used up: free some space and run the same command again",
        errno.ENOTDIR: "a file lies where a folder should: move it away, or name another folder",
        errno.EEXIST: "a file lies where a folder should: move it away, or name another folder",
        errno.ENAMETOOLONG: "choose a shorter name",
    }
    name = str(path or error.filename or "").encode("utf-8", "backslashreplace").decode()
    if error.errno not in hints or not name:
        return None
    return AgentflowError(f"cannot use {name} ({error.strerror})", hints[error.errno])


class ConfigError(AgentflowError):
    """A file a person wrote is wrong; the message starts with `path:line:column`."""

    exit_code = 2


class Unavailable(AgentflowError):
    """A server, weight file or lock is not to be had now."""


class Overloaded(Unavailable):
    """The server's queue is full."""


class ShareSpent(Overloaded):
    """Whoever asks has had as much as they may for now: runs at once, or tokens of a day."""


class CannotWrite(AgentflowError):
    """The disk has no room for a large file, or its folder may not be written."""


class Unauthorized(AgentflowError):
    """No key, token or certificate, or one that is not accepted."""

    def __init__(self, message: str = "the key is missing, wrong or revoked") -> None:
        super().__init__(message, "send a key or a token as `Authorization: Bearer ...`")


class Forbidden(AgentflowError):
    """Who asks is known, and may not do this."""


class StoreFailed(AgentflowError):
    """The database cannot be read or written now: the disk is full, another process holds it, its server is gone. It says
    nothing about the run that met it."""


class ContextOverflow(AgentflowError):
    """A prompt does not fit the model's context window; it was not sent. Lengths in tokens, 0 where not known."""

    def __init__(self, message: str, hint: str = "", *, tokens: int = 0, window: int = 0) -> None:
        super().__init__(message, hint)
        self.tokens = tokens
        self.window = window


class BudgetSpent(AgentflowError):
    """A run reached a limit of its budget."""
