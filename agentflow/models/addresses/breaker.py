"""Leaves an address out while it fails (the circuit breaker of Nygard's "Release It!", 2007).

closed: it is used. open: it is not, until a sign of life after the wait. half-open: one call is let through as a trial,
which closes it, or opens it again for twice the wait. Only connection errors and 5xx count: who is told 4xx is at fault himself.
"""

from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "open", "half-open"]
IN_A_ROW = 3
"""Answers of 5xx that open it; one broken connection is enough."""
FIRST_WAIT, LONGEST_WAIT = 0.25, 30.0  # seconds


@dataclass(slots=True)
class Breaker:
    """Times are seconds of one clock, handed in."""

    state: State = "closed"
    failures: int = 0
    wait: float = 0.0
    until: float = 0.0
    trying: bool = False

    def allows(self) -> bool:
        """Whether a call may go there now."""
        return self.state == "closed" or (self.state == "half-open" and not self.trying)

    def enter(self) -> bool:
        """A call goes there. Whether it is the trial: then `leave` must follow."""
        self.trying = self.trying or self.state == "half-open"
        return self.state == "half-open"

    def leave(self) -> None:
        """The trial is over, whatever came of it."""
        self.trying = False

    def succeed(self) -> None:
        self.state, self.failures, self.wait = "closed", 0, 0.0

    def fail(self, now: float, *, gone: bool) -> None:
        """`gone`: no connection, or silence; otherwise it answered 5xx."""
        self.failures += 1
        if self.state == "closed" and not gone and self.failures < IN_A_ROW:
            return
        if self.state != "open" or now >= self.until:  # calls that fail together count once
            self.wait = min(LONGEST_WAIT, self.wait * 2 or FIRST_WAIT)
            self.until = now + self.wait
        self.state = "open"

    def due(self, now: float) -> bool:
        """Whether a sign of life should be looked for."""
        return self.state == "open" and now >= self.until

    def revive(self) -> None:
        """It gave a sign of life."""
        if self.state == "open":
            self.state = "half-open"
