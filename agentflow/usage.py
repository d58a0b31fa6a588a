"""What answers cost in tokens: one shape from the engine to the screen."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them, of one answer or summed over `calls`: `cached` of the prompt were not computed
    again; `drafted` were guessed ahead, and `accepted` of them were right."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    drafted: int = 0
    accepted: int = 0
    calls: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    @classmethod
    def total(cls, answers: Iterable["Usage"]) -> "Usage":
        """The sum, each counted as one call."""
        return sum((replace(answer, calls=1) for answer in answers), cls())

    @property
    def tokens(self) -> int:
        """Read and written."""
        return self.prompt + self.completion

    @property
    def cache_rate(self) -> float:
        """The share of the prompts that was cached, 0..1; 0 where nothing was asked."""
        return min(1.0, max(0.0, self.cached / self.prompt)) if self.prompt > 0 else 0.0

    @property
    def acceptance(self) -> float | None:
        """The share of the drafts that was right, 0..1; None where nothing was drafted."""
        return min(1.0, max(0.0, self.accepted / self.drafted)) if self.drafted > 0 else None
