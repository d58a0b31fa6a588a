"""How long a draft should be: as long as it makes the batch faster, by measured cost and measured acceptance."""

from dataclasses import dataclass, field
from typing import ClassVar

from agentflow.llama.cost import StepCost

LENGTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
GAIN = 1.03  # a draft must promise this much; estimates are noisy and sampling is not free
MEMORY = 0.97  # what an old observation keeps of its weight with each new one


@dataclass(slots=True)
class Acceptance:
    """The chance that a drafted token is right, as a decaying count; `weight` trials at `prior` come first."""

    prior: float
    weight: float = 4.0
    right: float = 0.0
    trials: float = 0.0

    def observe(self, drafted: int, accepted: int) -> None:
        """The tokens after the first wrong one were never tried."""
        tried = accepted + (accepted < drafted)
        keep = MEMORY**tried
        self.right = self.right * keep + accepted
        self.trials = self.trials * keep + tried

    @property
    def rate(self) -> float:
        return (self.right + self.prior * self.weight) / (self.trials + self.weight)


def best_length(
    rate: float, available: int, rows: int, answers: int, cost: StepCost, draft_seconds: float = 0.0
) -> int:
    """The draft length with the most tokens a second for the whole batch; 0 when drafting does not pay.

    `rows` are in the batch already, written by `answers` answers; `draft_seconds` is the price of one drafted token.
    Expected tokens of k drafts: rate + rate^2 + ... + rate^k (Leviathan et al., arXiv 2211.17192).
    """
    best, best_speed = 0, GAIN * answers / cost.of(rows)
    for length in (*[n for n in LENGTHS if n < available], available):
        expected = rate * (1 - rate**length) / (1 - rate) if rate < 1 else length
        speed = (answers + expected) / (cost.of(rows + length) + length * draft_seconds)
        if speed > best_speed:
            best, best_speed = length, speed
    return best


def bucket(match: int) -> int:
    """Matches of similar length are right about as often: 2-3, 4-7, 8-15, ..."""
    return min(match.bit_length(), 6)


@dataclass(slots=True)
class Experience:
    """Acceptance by source: of this model in general, and of one answer in particular."""

    general: dict[str, Acceptance] = field(default_factory=dict)

    PRIORS: ClassVar[dict[str, float]] = {
        "schema": 0.97,
        "model": 0.6,
        "lookup2": 0.25,
        "lookup3": 0.45,
        "lookup4": 0.7,
    }

    def of(self, source: str) -> Acceptance:
        if source not in self.general:
            prior = self.PRIORS.get(source, 0.85)
            self.general[source] = Acceptance(prior, weight=8.0)
        return self.general[source]
