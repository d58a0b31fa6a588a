"""Why one file cannot be read; the others go on."""


class Unreadable(Exception):
    """`str(error)` is the reason, in words for a person. Not an AgentflowError: it never ends a command by itself."""


class Skipped(Unreadable):
    """Nothing is wrong with the file: it is just no text (an image, an archive)."""
