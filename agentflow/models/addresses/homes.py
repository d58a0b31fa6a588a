"""The address at which a conversation's prefix is cached: it stays there as long as the address lives."""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence

from agentflow.models.addresses.hashing import choose

IDLE = 600.0
"""Seconds after which a conversation that asked nothing no longer counts as load."""


class Homes:
    """Of all conversations of one model in this process. `max_load` as in models.yaml, `clock` in seconds."""

    def __init__(self, max_load: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.max_load = max_load
        self.clock = clock
        self.loads: Counter[str] = Counter()
        self._homes: OrderedDict[str, tuple[str, float]] = OrderedDict()  # the longest unused first

    def home(self, session: str, addresses: Sequence[str]) -> str:
        """Its address of these; a new one when it has none of them yet. There must be one."""
        now = self.clock()
        self._forget(now)
        if session in self._homes:
            kept, _ = self._homes.pop(session)
            self.loads[kept] -= 1
        else:
            kept = ""
        if kept not in addresses:
            kept = choose(session, {address: self.loads[address] for address in addresses}, self.max_load)
        self._homes[session] = kept, now
        self.loads[kept] += 1
        return kept

    def _forget(self, now: float) -> None:
        while self._homes:
            session, (address, used) = next(iter(self._homes.items()))
            if now - used < IDLE:
                return
            del self._homes[session]
            self.loads[address] -= 1
