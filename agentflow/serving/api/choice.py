"""One answer as it grows: text, thinking, tool calls and probabilities; a request may ask for several."""

import math
from dataclasses import dataclass, field
from typing import Any

from agentflow.serving.engine.request import Finished, RequestStats, TextChunk, TokenLogprob
from agentflow.serving.text.output_parser import AnswerParser, Delta
from agentflow.serving.text.vocab import Vocab

Json = dict[str, Any]
LEAST = -9999.0  # what OpenAI writes for a probability of zero; JSON has no infinity


@dataclass(slots=True)
class Choice:
    parser: AnswerParser
    vocab: Vocab
    content: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: list[Json] = field(default_factory=list)
    scores: list[TokenLogprob] = field(default_factory=list)
    end: Finished | None = None

    def take(self, event: TextChunk | Finished) -> list[Delta]:
        """Adds what an event brings; the deltas it became."""
        if isinstance(event, TextChunk):
            deltas = self.parser.push(event.text)
            self.scores += event.logprobs
        else:
            deltas = self.parser.close(cut=event.reason == "length")
            self.end = event
        for delta in deltas:
            self.content.append(delta.content)
            self.reasoning.append(delta.reasoning)
            self.calls += delta.calls
        return deltas

    @property
    def text(self) -> str:
        return "".join(self.content)

    @property
    def thoughts(self) -> str:
        return "".join(self.reasoning)

    @property
    def statistics(self) -> RequestStats:
        return self.end.statistics if self.end else RequestStats()

    @property
    def reason(self) -> str:
        reason = self.end.reason if self.end else ""
        return "tool_calls" if self.calls and reason == "stop" else reason

    def score(self, score: TokenLogprob) -> Json:
        def entry(token: int, logprob: float) -> Json:
            return {
                "id": token,
                "token": self.vocab.text(token),
                "logprob": finite(logprob),
                "bytes": list(self.vocab.pieces[token]),
            }

        return {**entry(score.token, score.logprob), "top_logprobs": [entry(*pair) for pair in score.top]}


def finite(logprob: float) -> float:
    return LEAST if math.isnan(logprob) else max(logprob, LEAST)
