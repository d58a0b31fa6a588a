"""How long a draft should be: as long as it makes the batch faster, by measured cost and measured acceptance."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from agentflow.serving.backend.step_cost import StepCost

GAIN = 1.03  # a draft must promise this much; estimates are noisy and sampling is not free
MEMORY = 0.98  # what an old observation keeps of its weight with each new one
HOPELESS = 0.03  # a token that is right less often than this ends the search for a longer draft


@dataclass(slots=True)
class Acceptance:
    """The chance that a drafted token is right, as a decaying count; `weight` trials at `prior` come first."""

    prior: float
    weight: float = 4.0
    right: float = 0.0
    trials: float = 0.0

    def observe(self, right: bool) -> None:
        self.right = self.right * MEMORY + right
        self.trials = self.trials * MEMORY + 1

    @property
    def rate(self) -> float:
        return (self.right + self.prior * self.weight) / (self.trials + self.weight)


@dataclass(slots=True)
class RepetitionBias:
    """Right guesses over those expected, as decaying counts that begin with one of each."""

    right: float = 1.0
    expected: float = 1.0

    def observe(self, right: bool, expected: float) -> None:
        self.right = self.right * MEMORY + right
        self.expected = self.expected * MEMORY + expected

    @property
    def ratio(self) -> float:
        return min(1.0, self.right / self.expected)


def best_length(rates: Iterable[float], rows: int, answers: int, cost: StepCost, draft_seconds: float = 0.0) -> int:
    """The draft length with the most tokens a second for the whole batch; 0 when drafting does not pay.

    `rates`: the chance of each drafted token, given that those before it were right. `rows` are in the batch already,
    written by `answers` answers; `draft_seconds` is the price of one drafted token.
    Expected tokens of k drafts: r1 + r1 r2 + ... (Leviathan et al., arXiv 2211.17192, with one rate per position).
    """
    best, best_speed = 0, GAIN * answers / cost.of(rows)
    expected, chance = 0.0, 1.0
    for length, rate in enumerate(rates, 1):
        chance *= rate
        expected += chance
        speed = (answers + expected) / (cost.of(rows + length) + length * draft_seconds)
        if speed > best_speed:
            best, best_speed = length, speed
        if chance < HOPELESS:
            break
    return best


def seconds_saved(rate: float, length: int, rows: int, answers: int, cost: StepCost, draft_seconds: float) -> float:
    """Of each token of an answer, by drafts of that length whose tokens are each right at that rate."""
    expected = sum(rate**count for count in range(1, length + 1))
    drafted = (cost.of(rows + length) + length * draft_seconds) / (answers + expected)
    return cost.of(rows) / answers - drafted


def bucket(match: int) -> int:
    """Matches of similar length are right about as often: 2-3, 4-7, 8-15, ..."""
    return min(match.bit_length(), 6)


@dataclass(slots=True)
class AcceptanceStats:
    """Acceptance by kind of draft: of this model in general; an answer's own starts from it."""

    general: dict[str, Acceptance] = field(default_factory=dict)

    PRIORS: ClassVar[dict[str, float]] = {
        "schema": 0.97,
        "model": 0.6,
        "lookup1": 0.1,
        "lookup2": 0.25,
        "lookup3": 0.45,
        "lookup4": 0.7,
    }

    def of(self, kind: str) -> Acceptance:
        if kind not in self.general:
            prior = self.PRIORS.get(kind.partition(" ")[2] or kind, 0.85)
            self.general[kind] = Acceptance(prior, weight=8.0)
        return self.general[kind]
