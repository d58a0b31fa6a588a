"""An answer being written: its place in the cache, its sampler and grammar, and what is still to be computed."""

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agentflow.serving.engine.request import GenerationRequest, RequestStats, TextChunk, TokenLogprob
from agentflow.serving.engine.sampler import Sampler, best, log_probabilities
from agentflow.serving.kvcache.kv_cache import CacheSlot
from agentflow.serving.speculative.draft import Draft, DraftState
from agentflow.serving.text.vocab import TextStream, Vocab

TAIL = 64  # characters of the answer kept to find the text after which the grammar starts


@dataclass(slots=True, eq=False)
class Sequence:
    job: GenerationRequest
    slot: CacheSlot
    vocab: Vocab
    text: TextStream
    sampler: Sampler
    statistics: RequestStats
    started: float = field(default_factory=time.monotonic)
    decoding_since: float = 0.0
    waits_for: CacheSlot | None = None
    waits_until: int = 0
    written: int = 0
    draft: Draft | None = None
    drafting: DraftState | None = None  # the speculator's
    reason: str = ""
    tail: str = ""
    grammar_on: bool = False

    @property
    def pending(self) -> int:
        """Tokens known but not computed: the prompt's rest, or the last token sampled."""
        return len(self.slot.tokens) - self.slot.computed

    @property
    def decoding(self) -> bool:
        return self.written > 0

    @property
    def left(self) -> int:
        return self.job.max_tokens - self.written

    def choose(self, logits: NDArray[np.float32]) -> int:
        """Samples, checks that one token against the grammar, masks only on rejection."""
        if self.job.forced is not None:
            self.sampler.sample(logits)  # a replay costs what the real thing costs
            return self.job.forced[self.written] if self.written < len(self.job.forced) else self.vocab.end
        if self.job.thinking is not None and (token := self.job.thinking.forced()) is not None:
            return token
        if self.job.ignore_end:
            for end in self.vocab.ends:
                logits[end] = -np.inf
        grammar = self.job.grammar if self.grammar_on else None
        if grammar is not None and grammar.complete:
            return self.vocab.end
        token = self.sampler.sample(logits)
        if grammar is not None and not self._fits(token):
            self.sampler.redraw()
            token = self.sampler.sample(logits, grammar.mask())
        return token

    @property
    def _complete(self) -> bool:
        """Nothing can follow what the grammar has."""
        return self.job.grammar is not None and self.grammar_on and self.job.grammar.complete

    def _fits(self, token: int) -> bool:
        assert self.job.grammar is not None
        if token in self.vocab.ends:
            return self.job.grammar.accepting
        return self.job.grammar.allows(token)

    def write(self, token: int, logits: NDArray[np.float32]) -> TextChunk | None:
        """Takes a token into the answer; sets `reason` when it was the last. Returns the text it made final."""
        job = self.job
        scored = self._score(token, logits) if job.logprobs is not None else ()
        self.sampler.accept(token)
        self.written += 1
        self.statistics.completion += 1
        if token in self.vocab.ends and (not job.ignore_end or self._complete):
            self.reason = "stop"
            return TextChunk("", scored) if scored and job.scores_only else None  # the end is no token of the text
        if job.grammar is not None and self.grammar_on:
            job.grammar.accept(token)
        self.slot.tokens.append(token)
        text = self.text.push(token)
        if job.thinking is not None:
            job.thinking.wrote(token, text)
        if job.grammar is not None and not self.grammar_on:
            self.tail = (self.tail + text)[-TAIL:]
            self.grammar_on = job.grammar_after in self.tail
        if self.text.stopped or self._complete:
            self.reason = "stop"
        elif self.left <= 0:
            self.reason = "length"
        return TextChunk(text, scored) if text or scored else None

    def _score(self, token: int, logits: NDArray[np.float32]) -> tuple[TokenLogprob, ...]:
        values = log_probabilities(logits)
        return (TokenLogprob(token, float(values[token]), best(values, self.job.logprobs or 0)),)
