"""Which tools a run may call, and within which limits. Default deny: what is not named does not exist."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pydantic import ConfigDict, Field

from agentflow.storage.strict import Strict


class Grant(Strict):
    """The limits of one tool in one run. None is no limit."""

    model_config = ConfigDict(frozen=True)

    calls: int | None = Field(default=None, ge=0, description="calls in the whole run")
    bytes: int = Field(default=200_000, ge=1, description="size of one result; what is longer is cut, and says so")
    seconds: float = Field(default=60.0, gt=0, description="time of one call")
    paths: tuple[str, ...] | None = Field(
        default=None, description="patterns like notes/*.md that file arguments must match"
    )
    hosts: tuple[str, ...] = Field(default=(), description="hosts a network tool may reach, within those of tools.yaml")
    approval: bool = Field(default=False, description="a person confirms each call with its exact arguments")


_grant: ContextVar[Grant | None] = ContextVar("grant", default=None)


@contextmanager
def granting(grant: Grant) -> Iterator[None]:
    token = _grant.set(grant)
    try:
        yield
    finally:
        _grant.reset(token)


def granted() -> Grant:
    """The grant under which the running tool was called; of a tool outside any run, the default: no host at all."""
    return _grant.get() or Grant()
