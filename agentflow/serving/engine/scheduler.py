"""Which request runs next, and in which KV-cache slot.

The longest prefix in the cache is forked; one that a running request still computes is waited for. Invariant: the cells of
running requests and the tokens they may still write never exceed the cache, so a request that has begun always ends.
"""

import time

from agentflow.serving.engine.request import GenerationRequest, RequestStats
from agentflow.serving.engine.sampler import Sampler
from agentflow.serving.engine.sequence import Sequence
from agentflow.serving.engine.waiting_queue import WaitingQueue
from agentflow.serving.kvcache.kv_cache import CacheSlot, KVCacheManager, PrefixMatch
from agentflow.serving.kvcache.radix_tree import common
from agentflow.serving.speculative.speculator import Speculator
from agentflow.serving.text.vocab import TextStream

WORTH_WAITING = 32  # tokens of prompt: less is computed again rather than waited for


class Scheduler:
    def __init__(self, kv_cache: KVCacheManager, speculator: Speculator, parallel: int) -> None:
        self.kv_cache = kv_cache
        self.speculator = speculator
        self.parallel = parallel
        self.waiting = WaitingQueue()
        self.running: list[Sequence] = []

    def admit(self) -> list[tuple[GenerationRequest, Exception]]:
        """Most urgent first. The first that finds no room stops the rest, so that a large one is not starved.

        Returns the jobs that could not be begun, each with its error: they no longer wait.
        """
        broken: list[tuple[GenerationRequest, Exception]] = []
        for job in self.waiting.ordered():
            if not self._has_slot(job):
                continue  # scores behind it need none
            try:
                if not self._place(job):
                    break
            except Exception as error:  # noqa: BLE001  this job's own: the others go on
                broken.append((job, error))
                self.kv_cache.drop_strays({sequence.slot.id for sequence in self.running})
            self.waiting.jobs.remove(job)
        return broken

    def _has_slot(self, job: GenerationRequest) -> bool:
        """Scores need no decoding slot. Someone waiting at a screen gets one slot more."""
        if job.scores_only:
            return True
        writing = sum(not sequence.job.scores_only for sequence in self.running)
        return writing < self.parallel + (job.priority == "interactive")

    def _place(self, job: GenerationRequest) -> bool:
        now, later = self.kv_cache.match_prefix(job.prompt)
        here = now.now if now else 0
        saved = self.kv_cache.find_saved(job.prompt, here)
        waits = later is not None and later.later - (saved.end if saved else here) >= WORTH_WAITING
        source = (later if waits else now) or PrefixMatch(None, 0, 0)
        shared = source.later if waits else source.now
        if not self._room(job, shared, source.slot):
            if waits or source.slot is None or source.slot.busy or not self._room(job, 0, None):
                return False
            # The idle prefix was too long to keep beside this answer.
            source, shared, saved = PrefixMatch(None, 0, 0), 0, None
        slot = self._assign_slot(source.slot, shared)
        if slot is None:
            return False
        sequence = self._sequence(job, slot, shared)
        if waits:
            self.kv_cache.start(slot, job.prompt, None, 0)
            sequence.waits_for, sequence.waits_until = source.slot, shared
        else:
            self.kv_cache.start(slot, job.prompt, source.slot, shared)
            if saved is not None:
                self.kv_cache.load(slot, saved)
                sequence.statistics.cached = slot.computed
        self.speculator.begin(sequence)
        self.running.append(sequence)
        return True

    def _room(self, job: GenerationRequest, shared: int, keep: CacheSlot | None) -> bool:
        reserved = sum(s.job.max_tokens for s in self.running)  # the tree holds their prompts only
        return self.kv_cache.make_room(len(job.prompt) - shared + job.max_tokens, reserved, keep)

    def _assign_slot(self, source: CacheSlot | None, shared: int) -> CacheSlot | None:
        """A pure continuation takes over its own sequence; everything else gets a fresh one."""
        if source and not source.busy and shared == len(source.tokens):
            return source
        slot = self.kv_cache.allocate(source)
        if slot is None and source and not source.busy:
            return source  # every other sequence is busy: the source itself gives way
        return slot

    def _sequence(self, job: GenerationRequest, slot: CacheSlot, shared: int) -> Sequence:
        vocab = self.kv_cache.context.weights.vocab
        return Sequence(
            job=job,
            slot=slot,
            vocab=vocab,
            text=TextStream(vocab, job.stop, job.show_specials),
            sampler=Sampler(job.sampling),
            statistics=RequestStats(prompt=len(job.prompt), cached=shared, queue_s=time.monotonic() - job.arrived),
            grammar_on=job.grammar is not None and not job.grammar_after,
        )

    def fork(self) -> None:
        """Those that waited for a sibling's prompt take it over once it is computed.

        When the sibling was given up halfway, the first takes what is there, and the others wait for that one.
        """
        forked: dict[int, Sequence] = {}
        for sequence in self.running:
            source = sequence.waits_for
            if source is None or (source.busy and source.computed < sequence.waits_until):
                continue
            slot = sequence.slot
            shared = min(common(source.tokens, slot.tokens), source.computed, len(slot.tokens) - 1)
            if shared < sequence.waits_until and (first := forked.get(source.id)):
                sequence.waits_for = first.slot
                sequence.waits_until = min(sequence.waits_until, common(first.slot.tokens, slot.tokens))
                continue
            forked[source.id] = sequence
            if shared:
                self.kv_cache.fork(source, slot, shared)
            slot.computed = slot.forked = sequence.statistics.cached = shared
            sequence.waits_for = None
