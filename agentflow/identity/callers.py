"""Who calls, by what they show: a key, a token, or a certificate; at a local socket, by their user."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from starlette.requests import HTTPConnection

from agentflow.errors import Unauthorized
from agentflow.identity.caller import OWNER, Caller, Grants
from agentflow.identity.keys import Keys
from agentflow.identity.settings import Access
from agentflow.identity.tokens import Tokens

Certified = Callable[[str], Grants | None]


class Callers:
    """`certified` says what the holder of a certificate may do without a key, by the name in it."""

    def __init__(self, keys: Keys, access: Access, root: Path, certified: Certified = lambda _: None) -> None:
        self.keys = keys
        self.tokens = Tokens(access, root)
        self.certified = certified

    async def caller(self, request: HTTPConnection) -> Caller:
        """Raises Unauthorized for a key or a token that is not accepted, and for nobody."""
        if shown := bearer(request):
            return await self.by(shown)
        if self.keys.owner and getattr(request.state, "user", None) == os.getuid():
            return OWNER
        return self.named(getattr(request.state, "peer", ""))

    def named(self, peer: str) -> Caller:
        """The caller whose certificate has this name. Raises Unauthorized where it alone is not enough."""
        if peer and (grants := self.certified(peer)) is not None:
            return Caller(peer, grants=grants)
        raise Unauthorized

    async def by(self, shown: str) -> Caller:
        """The caller who shows a key or a token. Raises Unauthorized."""
        if found := self.keys.caller(shown):
            return found
        if shown.count(".") == 2 and self.tokens.issuers:
            return await asyncio.to_thread(self.tokens.caller, shown)
        raise Unauthorized


def bearer(request: HTTPConnection) -> str:
    """The key or token that a request carries; empty for none."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    return shown.strip() if scheme.lower() == "bearer" else ""
