"""Why one file cannot be read; the others go on."""


class Unreadable(Exception):
    """`str(error)` is the reason, in words for a person. Not an AgentflowError: it never ends a command by itself."""


class Scanned(Unreadable):
    """Only text recognition can read it; `pages` are the numbers of its pages, from 1."""

    def __init__(self, reason: str, pages: list[int]) -> None:
        super().__init__(reason)
        self.pages = pages

    def __reduce__(self) -> tuple[type["Scanned"], tuple[str, list[int]]]:
        return Scanned, (str(self), self.pages)  # as it comes back from another process


class Skipped(Unreadable):
    """Nothing is wrong with the file: it is just no text (an image, an archive)."""
