"""Who lives in the KV cache: sequence ids, the tokens each holds, and who leaves when room is needed."""

import time
from dataclasses import dataclass, field

from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.kvcache.radix_tree import PrefixTree

UNKNOWN_USE = 4  # steps until the next use, where nobody told
HINT_SECONDS = 600.0  # a hint older than this is stale: its run is gone
IDLE_COST_TOKENS = 12_288
"""Tokens computed for others until an idle prefix has cost them what computing it anew would: attention passes over every
cell in use, also for those that cannot see it. Measured on two cores: 11,000 (0.5B shape) to 16,000 (the starter) tokens.
"""


@dataclass(slots=True)
class CacheSlot:
    """One sequence id. `tokens[:computed]` have their KV cells; a busy resident is being written."""

    id: int
    tokens: list[int] = field(default_factory=list)
    computed: int = 0
    forked: int = 0
    busy: bool = False
    used: float = 0.0
    used_at: int = 0
    next_use: int | None = None

    def hint(self, now: float) -> int | None:
        return self.next_use if now - self.used < HINT_SECONDS else None

    def urgency(self, now: float) -> tuple[int, float]:
        """Smallest leaves first: the farthest next use, then the least recently used."""
        steps = self.hint(now)
        return -(UNKNOWN_USE if steps is None else steps), self.used


@dataclass(frozen=True, slots=True)
class PrefixMatch:
    """`now` tokens can be shared at once, `later` when the donor has computed its prompt."""

    resident: CacheSlot | None
    now: int
    later: int


class KVCacheManager:
    def __init__(self, context: LlamaContext) -> None:
        self.context = context
        self.partial = not context.weights.recurrent
        self.tree = PrefixTree()
        self.all = [CacheSlot(id) for id in range(context.sequences)]
        self.evicted = 0
        self.worked = 0

    def donors(self, prompt: list[int]) -> tuple[PrefixMatch | None, PrefixMatch | None]:
        """(best now, best later). The last prompt token is always computed: its logits start the answer."""
        limit = len(prompt) - 1
        found: list[tuple[CacheSlot, PrefixMatch]] = []
        for id, length in self.tree.match(prompt).items():
            resident = self.all[id]
            later = min(length, limit)
            now = min(later, resident.computed)
            if not self.partial:  # a recurrent state is whole or useless
                now = now if not resident.busy and now == resident.computed == len(resident.tokens) else 0
                later = 0
            found.append((resident, PrefixMatch(resident, now, later)))
        best_now = max(found, key=lambda pair: (pair[1].now, not pair[0].busy), default=None)
        busy = [pair for pair in found if pair[0].busy]
        best_later = max(busy, key=lambda pair: (pair[1].later, pair[0].computed), default=None)
        return best_now[1] if best_now else None, best_later[1] if best_later else None

    def room(self, tokens: int, reserved: int, keep: CacheSlot | None) -> bool:
        """Evicts until `tokens` more cells are free beside the reserved ones. False, and nothing evicted: not now."""
        limit: int = self.context.cells - reserved - tokens
        if self.tree.size <= limit:
            return True
        staying = {r.id for r in self.all if r.busy or r is keep}
        if self.tree.held(staying) > limit:
            return False
        while self.tree.size > limit and self._evict(keep):
            pass
        return self.tree.size <= limit

    def claim(self, keep: CacheSlot | None) -> CacheSlot | None:
        """An empty resident, by eviction if need be; None when all are busy (or to be kept)."""
        while True:
            for resident in self.all:
                if not resident.busy and not resident.tokens:
                    return resident
            if not self._evict(keep):
                return None

    def work(self, tokens: int) -> None:
        """So many were computed. Idle prefixes that have cost their price go, unless their run said that it comes back
        (ski rental: at most twice the cost of knowing the future; Karlin et al., 1988)."""
        self.worked += tokens
        now = time.monotonic()
        for resident in self.all:
            due = resident.tokens and not resident.busy and self.worked - resident.used_at > IDLE_COST_TOKENS
            if due and resident.hint(now) is None:
                self.drop(resident)
                self.evicted += 1

    def _use(self, resident: CacheSlot) -> None:
        resident.used, resident.used_at = time.monotonic(), self.worked

    def _evict(self, keep: CacheSlot | None) -> bool:
        now = time.monotonic()
        idle = [r for r in self.all if r.tokens and not r.busy and r is not keep]
        if not idle:
            return False
        self.drop(min(idle, key=lambda r: r.urgency(now)))
        self.evicted += 1
        return True

    def start(self, resident: CacheSlot, prompt: list[int], donor: CacheSlot | None, shared: int) -> None:
        """`resident` begins `prompt`, with `shared` tokens forked from the donor (or kept, if it is the donor)."""
        if donor is resident and not shared:
            self.context.clear(resident.id)
        elif donor is resident:
            if self.partial:
                self.context.cut(resident.id, shared)
        elif donor is not None and shared:
            self.fork(donor, resident, shared)
        resident.tokens, resident.computed, resident.forked, resident.busy = list(prompt), shared, shared, True
        self._use(resident)
        self.tree.insert(resident.id, prompt)

    def fork(self, donor: CacheSlot, resident: CacheSlot, shared: int) -> None:
        if self.partial:
            self.context.copy(donor.id, resident.id, shared)
        else:
            self.context.copy_whole(donor.id, resident.id)

    def rest(self, resident: CacheSlot, next_use: int | None) -> None:
        """The answer is complete: the sequence stays as a prefix for others. Duplicates of another are not kept."""
        del resident.tokens[resident.computed :]
        resident.busy, resident.next_use = False, next_use
        self._use(resident)
        self.tree.insert(resident.id, resident.tokens)
        if not resident.tokens or self.tree.own(resident.id) == 0:
            self.drop(resident)
        elif self.partial:
            self._share_cells(resident)

    def _share_cells(self, resident: CacheSlot) -> None:
        """Equal text computed twice (two greedy answers) is held once, so that `tree.size` stays the true count."""
        shared = self.tree.shared(resident.id)
        others = [r for r in self.all if r is not resident and r.computed >= shared]
        if shared <= resident.forked:
            return  # those cells were shared from the start
        donor = next((r for r in others if r.tokens[:shared] == resident.tokens[:shared]), None)
        if donor is None:
            return
        self.context.clear_range(resident.id, 0, shared)
        self.context.copy(donor.id, resident.id, shared)

    def drop_strays(self, owned: set[int]) -> None:
        """Frees what is being written for nobody: the place of an answer that broke as it began."""
        for resident in self.all:
            if resident.busy and resident.id not in owned:
                self.drop(resident)

    def forget_idle(self) -> bool:
        """Drops every prefix that nobody writes to. Whether the cache then holds nothing but running answers."""
        for resident in self.all:
            if not resident.busy:
                self.drop(resident)
        return all(self.context.last_position(resident.id) == -1 for resident in self.all if not resident.busy)

    def adopt(self, resident: CacheSlot, tokens: list[int]) -> None:
        """The sequence holds these tokens already (read from disk)."""
        resident.tokens, resident.computed = tokens, len(tokens)
        self.rest(resident, None)

    def drop(self, resident: CacheSlot) -> None:
        self.context.clear(resident.id)
        self.tree.remove(resident.id)
        resident.tokens, resident.computed, resident.forked = [], 0, 0
        resident.busy, resident.next_use = False, None
