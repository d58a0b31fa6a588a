"""KV-cache slots: which tokens each sequence id holds, which prompts they share, and what is evicted for room."""

import time
from dataclasses import dataclass, field

from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.kvcache.prefix_store import PrefixStore, Restoration
from agentflow.serving.kvcache.radix_tree import PrefixTree

UNKNOWN_USE = 4  # steps until the next use, without a hint
HINT_SECONDS = 600.0  # a hint older than this is stale: its run is gone
IDLE_COST_TOKENS = 12_288
"""Tokens computed for others until an idle prefix has cost them what computing it again would: attention passes over every
cell in use, also for those that cannot see it. Measured on two cores: 11,000 (0.5B shape) to 16,000 (the starter) tokens.
A prefix that the store can bring back costs a share of that, and goes so much sooner.
"""
SHORTEST_STAY = 1024  # tokens computed for others


@dataclass(slots=True)
class CacheSlot:
    """One sequence id. `tokens[:computed]` have their KV cells; a busy slot is being written."""

    id: int
    tokens: list[int] = field(default_factory=list)
    computed: int = 0
    forked: int = 0
    saved: int = 0
    busy: bool = False
    used: float = 0.0
    used_at: int = 0
    next_use: int | None = None

    def hint(self, now: float) -> int | None:
        return self.next_use if now - self.used < HINT_SECONDS else None

    def eviction_key(self, now: float) -> tuple[int, float]:
        """Smallest leaves first: the farthest next use, then the least recently used."""
        steps = self.hint(now)
        return -(UNKNOWN_USE if steps is None else steps), self.used


@dataclass(frozen=True, slots=True)
class PrefixMatch:
    """`now` tokens can be shared at once, `later` when the source has computed its prompt."""

    slot: CacheSlot | None
    now: int
    later: int


class KVCacheManager:
    def __init__(self, context: LlamaContext, store: PrefixStore | None = None) -> None:
        self.context = context
        self.store = store
        self.partial = not context.weights.recurrent
        self.tree = PrefixTree()
        self.all = [CacheSlot(id) for id in range(context.sequences)]
        self.evicted = 0
        self.worked = 0

    def match_prefix(self, prompt: list[int]) -> tuple[PrefixMatch | None, PrefixMatch | None]:
        """The longest prefixes of `prompt` in the cache: (best now, best later). The last prompt token is always computed: its logits start the answer."""
        limit = len(prompt) - 1
        found: list[tuple[CacheSlot, PrefixMatch]] = []
        for id, length in self.tree.match(prompt).items():
            slot = self.all[id]
            later = min(length, limit)
            now = min(later, slot.computed)
            if not self.partial:  # a recurrent state is whole or useless
                now = now if not slot.busy and now == slot.computed == len(slot.tokens) else 0
                later = 0
            found.append((slot, PrefixMatch(slot, now, later)))
        best_now = max(found, key=lambda pair: (pair[1].now, not pair[0].busy), default=None)
        busy = [pair for pair in found if pair[0].busy]
        best_later = max(busy, key=lambda pair: (pair[1].later, pair[0].computed), default=None)
        return best_now[1] if best_now else None, best_later[1] if best_later else None

    def make_room(self, tokens: int, reserved: int, keep: CacheSlot | None) -> bool:
        """Evicts until `tokens` more cells are free beside the reserved ones; returns False, with nothing evicted, if it cannot."""
        limit: int = self.context.cells - reserved - tokens
        if self.tree.size <= limit:
            return True
        staying = {r.id for r in self.all if r.busy or r is keep}
        if self.tree.held(staying) > limit:
            return False
        while self.tree.size > limit and self._evict(keep):
            pass
        return self.tree.size <= limit

    def allocate(self, keep: CacheSlot | None) -> CacheSlot | None:
        """An empty slot, by eviction if need be; None when all are busy (or to be kept)."""
        while True:
            for slot in self.all:
                if not slot.busy and not slot.tokens:
                    return slot
            if not self._evict(keep):
                return None

    def charge_idle(self, tokens: int) -> None:
        """So many were computed. Idle prefixes that have cost their price go, unless their run said that it comes back
        (ski rental: at most twice the cost of knowing the future; Karlin et al., 1988)."""
        self.worked += tokens
        now = time.monotonic()
        for slot in self.all:
            due = slot.tokens and not slot.busy and self.worked - slot.used_at > self._stay(slot)
            if due and slot.hint(now) is None:
                self.drop(slot)
                self.evicted += 1

    def _stay(self, slot: CacheSlot) -> float:
        price = self.store.price(slot.saved) if self.store is not None else 1.0
        return IDLE_COST_TOKENS if price >= 1 else max(SHORTEST_STAY, IDLE_COST_TOKENS * price)

    def _use(self, slot: CacheSlot) -> None:
        slot.used, slot.used_at = time.monotonic(), self.worked

    def _evict(self, keep: CacheSlot | None) -> bool:
        now = time.monotonic()
        idle = [r for r in self.all if r.tokens and not r.busy and r is not keep]
        if not idle:
            return False
        self.drop(min(idle, key=lambda r: r.eviction_key(now)))
        self.evicted += 1
        return True

    def start(self, slot: CacheSlot, prompt: list[int], source: CacheSlot | None, shared: int) -> None:
        """`slot` begins `prompt`, with `shared` tokens forked from the source (or kept, if it is the source)."""
        if source is slot and not shared:
            self.context.clear(slot.id)
        elif source is slot:
            if self.partial:
                self.context.cut(slot.id, shared)
        elif source is not None and shared:
            self.fork(source, slot, shared)
        slot.tokens, slot.computed, slot.forked, slot.busy = list(prompt), shared, shared, True
        slot.saved = 0
        self._use(slot)
        self.tree.insert(slot.id, prompt)

    def fork(self, source: CacheSlot, slot: CacheSlot, shared: int) -> None:
        if self.partial:
            self.context.copy(source.id, slot.id, shared)
        else:
            self.context.copy_whole(source.id, slot.id)

    def retain(self, slot: CacheSlot, next_use: int | None) -> None:
        """The answer is complete: the sequence stays as a prefix for others. Duplicates of another are not kept."""
        del slot.tokens[slot.computed :]
        slot.busy, slot.next_use = False, next_use
        self._use(slot)
        self.tree.insert(slot.id, slot.tokens)
        if not slot.tokens or self.tree.own(slot.id) == 0:
            self.drop(slot)
        elif self.partial:
            self._share_cells(slot)

    def _share_cells(self, slot: CacheSlot) -> None:
        """Equal text computed twice (two greedy answers) is held once, so that `tree.size` stays the true count."""
        shared = self.tree.shared(slot.id)
        others = [r for r in self.all if r is not slot and r.computed >= shared]
        if shared <= slot.forked:
            return  # those cells were shared from the start
        source = next((r for r in others if r.tokens[:shared] == slot.tokens[:shared]), None)
        if source is None:
            return
        self.context.clear_range(slot.id, 0, shared)
        self.context.copy(source.id, slot.id, shared)

    def drop_strays(self, owned: set[int]) -> None:
        """Frees what is being written for nobody: the place of an answer that broke as it began."""
        for slot in self.all:
            if slot.busy and slot.id not in owned:
                self.drop(slot)

    def drop_idle(self) -> bool:
        """Drops every prefix that nobody writes to. Whether the cache then holds nothing but running answers."""
        for slot in self.all:
            if not slot.busy:
                self.drop(slot)
        return all(self.context.last_position(slot.id) == -1 for slot in self.all if not slot.busy)

    def find_saved(self, prompt: list[int], start: int) -> Restoration | None:
        """What the store has of a prompt beyond `start`, if it is worth loading."""
        return self.store.find(prompt, start) if self.store is not None else None

    def load(self, slot: CacheSlot, found: Restoration) -> None:
        """A slot that has begun, computed up to where `found` starts, goes on from the store."""
        assert self.store is not None
        slot.computed = self.store.load(found, slot.id)

    def save(self, slot: CacheSlot, tokens: int) -> None:
        """The first `tokens` of a slot, as far as they are computed, go to the store too."""
        if self.store is not None:
            slot.saved = self.store.keep(slot.id, slot.tokens[: min(tokens, slot.computed)])

    def forget(self) -> bool:
        """`drop_idle`, and the store's content."""
        if self.store is not None:
            self.store.clear()
        return self.drop_idle()

    def drop(self, slot: CacheSlot) -> None:
        self.context.clear(slot.id)
        self.tree.remove(slot.id)
        slot.tokens, slot.computed, slot.forked, slot.saved = [], 0, 0, 0
        slot.busy, slot.next_use = False, None
