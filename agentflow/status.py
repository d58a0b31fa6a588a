"""How a run stands: one word from the run store to the screen."""

from enum import StrEnum


class RunStatus(StrEnum):
    """A run store holds the words of a run that has begun. The others say how a run looks from outside:
    `waiting` has not begun, `interrupted` lost its process, and an evaluation's `error` was refused or broke off by a
    bug, its `spent` used up its limits."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    ANSWERED = "answered"
    INSUFFICIENT = "insufficient"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEAD = "dead"  # given up by the workers after its attempts
    WAITING = "waiting"
    INTERRUPTED = "interrupted"
    ERROR = "error"
    SPENT = "spent"

    @classmethod
    def _missing_(cls, value: object) -> "RunStatus":
        """A graph's own word in an older database, or one of a newer version: the run has ended."""
        return cls.DONE

    @property
    def finished(self) -> bool:
        """Whether the run has ended for good; a failed one may be tried again."""
        return self in FINISHED

    @property
    def successful(self) -> bool:
        """Whether the graph came to its end and handed something out."""
        return self in SUCCESSFUL


SUCCESSFUL = frozenset({RunStatus.ANSWERED, RunStatus.INSUFFICIENT, RunStatus.DONE})
FINISHED = SUCCESSFUL | {RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.DEAD}
GOES_ON = frozenset({RunStatus.RUNNING, RunStatus.QUEUED})  # more will happen without a person
