"""Callers of the model server: the keys, tokens and certificates of a project, each held to its grants."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from agentflow.errors import ShareSpent, Unauthorized
from agentflow.identity.caller import Caller
from agentflow.identity.callers import Callers
from agentflow.identity.keys import Keys
from agentflow.identity.settings import load_access
from agentflow.project import Project
from agentflow.runs.allowance import DAY
from agentflow.runs.store import RunStore
from agentflow.serving.api.middleware import CallerOf, ServedCaller


class Account:
    """What one caller has had of the server. It counts from the server's start, and from midnight (UTC)."""

    def __init__(self) -> None:
        self.caller = Caller("")
        self.running = 0
        self.day = 0
        self.tokens = 0

    @contextmanager
    def asking(self) -> Iterator[None]:
        grants = self.caller.grants
        if grants.runs and self.running >= grants.runs:
            raise ShareSpent(f"{self.running} requests of {self.caller.name} run already", "wait for one to end")
        if grants.tokens_a_day and self._today() >= grants.tokens_a_day:
            raise ShareSpent(
                f"{self.caller.name} has spent the {grants.tokens_a_day:,} tokens of today", "wait until midnight (UTC)"
            )
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1

    def require(self, model: str) -> None:
        self.caller.require_models([model])

    def spend(self, tokens: int) -> None:
        self.tokens = self._today() + tokens

    def _today(self) -> int:
        if (day := int(time.time() // DAY)) != self.day:
            self.day, self.tokens = day, 0
        return self.tokens


class ServedCallers:
    def __init__(self, callers: Callers) -> None:
        self.callers = callers
        self.accounts: dict[str, Account] = {}

    async def caller_of(self, shown: str, peer: str) -> ServedCaller:
        """Raises Unauthorized for what is not accepted, and for a key of the site."""
        try:
            caller = await self.callers.by(shown)
        except Unauthorized:  # OpenAI's clients show some key always
            caller = self.callers.named(peer)
        if caller.grants.site_only:
            raise Unauthorized
        account = self.accounts.setdefault(caller.name, Account())
        account.caller = caller  # its grants may have changed
        return account


@contextmanager
def served_callers(project: Project) -> Iterator[CallerOf | None]:
    """None for a project without keys, issuers and certificates of callers."""
    access = load_access(project.root)
    if not access.issuers and not access.serve.callers and not project.has_store:
        yield None
        return
    with closing(RunStore(project.store)) as store:
        callers = Callers(Keys(store, ""), access, project.root, access.serve.callers.get)
        yield ServedCallers(callers).caller_of
