"""The upper storey: saved states in main memory, the least recently used go first."""

from collections import OrderedDict


class StateMemory:
    """Holds at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self.states: OrderedDict[bytes, bytes | memoryview] = OrderedDict()

    def put(self, key: bytes, state: bytes | memoryview) -> list[bytes]:
        """Returns the keys that had to go."""
        if len(state) > self.limit:
            return [key]
        self.drop(key)
        self.states[key] = state
        self.bytes += len(state)
        gone = []
        while self.bytes > self.limit:
            oldest, old = self.states.popitem(last=False)
            self.bytes -= len(old)
            gone.append(oldest)
        return gone

    def get(self, key: bytes) -> bytes | memoryview | None:
        return self.states.get(key)

    def touch(self, key: bytes) -> None:
        if key in self.states:
            self.states.move_to_end(key)

    def drop(self, key: bytes) -> None:
        if (state := self.states.pop(key, None)) is not None:
            self.bytes -= len(state)

    def clear(self) -> None:
        self.states.clear()
        self.bytes = 0
