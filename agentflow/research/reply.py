"""What one part of a question was answered with, and how well its quote supports that."""

from dataclasses import dataclass
from typing import Literal

from agentflow.corpus.evidence import Evidence
from agentflow.corpus.passage import Passage

Support = Literal["supported", "partial", "contradicted", "unsupported"]


@dataclass(frozen=True, slots=True)
class Reply:
    """`text` is empty when the passages do not answer. `covered`, 0..1: how much of the question the answer's passage
    speaks of; little means that the answer rests on something that is not shown. `rows`: what an answer computed from many
    rows rests on beside its first one."""

    question: str
    text: str = ""
    evidence: Evidence | None = None
    support: Support = "unsupported"
    covered: float = 0.0
    passage: Passage | None = None
    rows: tuple[Evidence, ...] = ()

    @property
    def kind(self) -> str:
        """Of the sentence that it rests on; empty where it rests on none of the passage's."""
        if not self.evidence or not self.passage:
            return ""
        start = self.evidence.start
        return next((sentence.kind for sentence in self.passage.sentences if sentence.start == start), "")
