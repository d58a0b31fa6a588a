"""Where in which trace something happens, as W3C Trace Context carries it from one part to the next."""

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

HEADER = "traceparent"
FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Traceparent(NamedTuple):
    """One span by its ids, in hexadecimal. Of a trace that is not `sampled` nobody keeps spans."""

    trace: str
    span: str
    sampled: bool = True

    def __str__(self) -> str:
        return f"00-{self.trace}-{self.span}-{'01' if self.sampled else '00'}"

    def child(self) -> "Traceparent":
        return self._replace(span=secrets.token_hex(8))


def new() -> Traceparent:
    return Traceparent(secrets.token_hex(16), secrets.token_hex(8))


def parse(text: str) -> Traceparent | None:
    """None for what is no traceparent: a wrong one counts as none."""
    found = FORM.fullmatch(text)
    if not found or not int(found[1], 16) or not int(found[2], 16):
        return None
    return Traceparent(found[1], found[2], bool(int(found[3], 16) & 1))


class RunTrace(NamedTuple):
    """The ids of a run's spans. They follow from its id and from the request that it came with, so that its calls can name
    them in headers, and its spans can be made of its events at any time after."""

    run: str
    parent: Traceparent | None

    @classmethod
    def of(cls, run: str, trace: str) -> "RunTrace":
        """`trace` is the traceparent that is stored with the run; empty for a run that no request began."""
        return cls(run, parse(trace))

    def span(self, *names: str) -> Traceparent:
        trace = self.parent.trace if self.parent else _digest("trace", self.run)[:32]
        above = self.parent.span if self.parent else ""
        return Traceparent(trace, _digest(above, self.run, *names)[:16], self.sampled)

    @property
    def sampled(self) -> bool:
        return self.parent is None or self.parent.sampled


def current() -> Traceparent | None:
    """The span in which the caller runs, where there is one."""
    return _current.get()


def headers() -> dict[str, str]:
    """What a request to another part carries along."""
    return {HEADER: str(here)} if (here := current()) else {}


@contextmanager
def within(span: Traceparent) -> Iterator[None]:
    token = _current.set(span)
    try:
        yield
    finally:
        _current.reset(token)


_current: ContextVar[Traceparent | None] = ContextVar("traceparent", default=None)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
