"""A clock that tests turn: what is slept passes at once."""


class Clock:
    """`time` in seconds; `slept` is what was waited for."""

    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.time += seconds
