"""Who runs next, and on which cells: the longest shared prefix is forked, or waited for while a sibling computes it."""

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
    def __init__(self, residents: KVCacheManager, drafters: Speculator, parallel: int) -> None:
        self.residents = residents
        self.drafters = drafters
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
                self.residents.drop_strays({sequence.resident.id for sequence in self.running})
            self.waiting.jobs.remove(job)
        return broken

    def _has_slot(self, job: GenerationRequest) -> bool:
        """Scores need no decoding slot. Someone waiting at a screen gets one slot more."""
        if job.scores_only:
            return True
        writing = sum(not sequence.job.scores_only for sequence in self.running)
        return writing < self.parallel + (job.priority == "interactive")

    def _place(self, job: GenerationRequest) -> bool:
        now, later = self.residents.donors(job.prompt)
        waits = later is not None and later.later - (now.now if now else 0) >= WORTH_WAITING
        donor = (later if waits else now) or PrefixMatch(None, 0, 0)
        shared = donor.later if waits else donor.now
        if not self._room(job, shared, donor.resident):
            if waits or donor.resident is None or donor.resident.busy or not self._room(job, 0, None):
                return False
            donor, shared = PrefixMatch(None, 0, 0), 0  # the idle prefix was too long to keep beside this answer
        resident = self._seat(donor.resident, shared)
        if resident is None:
            return False
        sequence = self._sequence(job, resident, shared)
        if waits:
            self.residents.start(resident, job.prompt, None, 0)
            sequence.waits_for, sequence.waits_until = donor.resident, shared
        else:
            self.residents.start(resident, job.prompt, donor.resident, shared)
        self.drafters.begin(sequence)
        self.running.append(sequence)
        return True

    def _room(self, job: GenerationRequest, shared: int, keep: CacheSlot | None) -> bool:
        reserved = sum(s.job.max_tokens for s in self.running)  # the tree holds their prompts only
        return self.residents.room(len(job.prompt) - shared + job.max_tokens, reserved, keep)

    def _seat(self, donor: CacheSlot | None, shared: int) -> CacheSlot | None:
        """A pure continuation takes over its own sequence; everything else gets a fresh one."""
        if donor and not donor.busy and shared == len(donor.tokens):
            return donor
        resident = self.residents.claim(donor)
        if resident is None and donor and not donor.busy:
            return donor  # every other sequence is busy: the donor itself gives way
        return resident

    def _sequence(self, job: GenerationRequest, resident: CacheSlot, shared: int) -> Sequence:
        vocab = self.residents.context.weights.vocab
        return Sequence(
            job=job,
            resident=resident,
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
        heirs: dict[int, Sequence] = {}
        for sequence in self.running:
            donor = sequence.waits_for
            if donor is None or (donor.busy and donor.computed < sequence.waits_until):
                continue
            resident = sequence.resident
            shared = min(common(donor.tokens, resident.tokens), donor.computed, len(resident.tokens) - 1)
            if shared < sequence.waits_until and (heir := heirs.get(donor.id)):
                sequence.waits_for = heir.resident
                sequence.waits_until = min(sequence.waits_until, common(heir.resident.tokens, resident.tokens))
                continue
            heirs[donor.id] = sequence
            if shared:
                self.residents.fork(donor, resident, shared)
            resident.computed = resident.forked = sequence.statistics.cached = shared
            sequence.waits_for = None
