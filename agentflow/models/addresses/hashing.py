"""Which address a key belongs to: rendezvous hashing with bounded loads.

Every address is scored by a hash of the key and itself, and the highest score wins (Thaler and Ravishankar, "Using
name-based mappings to increase hit rates", IEEE/ACM Transactions on Networking 6(1), 1998): an address that comes takes
only the keys it now wins, one that goes gives away only its own. No address is given more than `max_load` times its share
(Mirrokni, Thorup and Zadimoghaddam, "Consistent hashing with bounded loads", SODA 2018, arXiv:1608.01350).
"""

import hashlib
import math
from collections.abc import Iterable, Mapping


def rank(key: str, addresses: Iterable[str]) -> list[str]:
    """The addresses, the one that `key` belongs to first."""
    return sorted(addresses, key=lambda address: _score(key, address), reverse=True)


def most(total: int, addresses: int, max_load: float) -> int:
    """Keys that one address may have when `total` are spread over so many."""
    return math.ceil(max_load * total / addresses)


def choose(key: str, loads: Mapping[str, int], max_load: float) -> str:
    """The first address in the key's rank that may have one more; `loads` are the keys each has, without this one.
    `max_load` is at least 1, so there always is one."""
    allowed = most(sum(loads.values()) + 1, len(loads), max_load)
    return next(address for address in rank(key, loads) if loads[address] < allowed)


def _score(key: str, address: str) -> tuple[bytes, str]:
    return hashlib.blake2b(f"{address}\0{key}".encode(), digest_size=8).digest(), address
