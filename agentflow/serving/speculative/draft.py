"""What is drafted for one answer: tokens that are verified in one batch, and what is known about guesses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agentflow.serving.speculative.draft_policy import Acceptance, RepetitionBias
from agentflow.serving.speculative.suffix_automaton import SuffixAutomaton


@dataclass(slots=True)
class Draft:
    """Proposed tokens that follow the pending one, and the drafter they came from."""

    tokens: list[int]
    source: str


class Drafter(Protocol):
    """A guess at what an answer writes next. A wrong one costs time, never changes the answer."""

    def propose(self, tokens: Sequence[int], limit: int) -> list[int]:
        """At most `limit` tokens to follow `tokens` (the prompt and the answer so far); empty when it knows none."""
        ...


@dataclass(slots=True)
class Guess:
    """Tokens that may come next, each with the kind of evidence for it; the first `drafted` of them are verified."""

    source: str
    kinds: list[str]
    tokens: list[int]
    drafted: int = 0


@dataclass(slots=True)
class DraftState:
    """One answer's automaton and its own acceptance by kind of guess. `start` is where its text begins in there.

    `repetition` is how often its repetitions went on beside how often they do in general: a kind of which this answer has seen
    nothing yet starts from both, so that prose does not pay for what quotes have taught.
    """

    automaton: SuffixAutomaton | None = None
    start: int = 0
    fed: int = 0
    guess: Guess | None = None
    own: dict[str, Acceptance] = field(default_factory=dict)
    repetition: RepetitionBias = field(default_factory=RepetitionBias)
