"""One site as this project asks it: within its deadline and within bounds, through no proxy and no redirect."""

import asyncio
import os
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from agentflow.errors import AgentflowError, ConfigError, Unavailable
from agentflow.federation.checks import believed, believed_evidence, believed_verdicts
from agentflow.federation.settings import FILE, SiteSettings
from agentflow.federation.wire import (
    EvidenceAsked,
    QuoteNow,
    SearchAsked,
    SiteCard,
    SiteEvidence,
    SitePassages,
    Verdicts,
    VerdictsAsked,
)
from agentflow.storage.certificates import refusal, trusting
from agentflow.telemetry import traceparent

MOST_BYTES = 4 << 20  # of an answer
PAUSE = 0.25  # seconds until a site that broke off is asked again
REFUSED = {
    401: "does not know this project's key",
    403: "does not release this to this project (see `gives` in sites.yaml)",
    429: "says that too much was asked of it",
    503: "is busy",
}
Answer = TypeVar("Answer", bound=BaseModel)


class SiteSilent(Unavailable):
    """No answer came: the site is slow, gone or not to be trusted. `message` goes on from its name."""


class SiteRefused(AgentflowError):
    """It answered with something else than was asked for. `message` goes on from its name."""


class SiteClient:
    """Errors are SiteSilent, SiteRefused and Untrue; a wrong file or variable of ours is a ConfigError."""

    def __init__(self, name: str, settings: SiteSettings, base: Path) -> None:
        self.name = name
        self.settings = settings
        self.base = base
        self._http: httpx2.AsyncClient | None = None
        self._met = False  # it has answered once

    async def search(self, asked: SearchAsked) -> SitePassages:
        return believed(asked, await self._post("/search", asked, SitePassages))

    async def evidence(self, asked: EvidenceAsked) -> Sequence[QuoteNow]:
        return believed_evidence(asked, await self._post("/evidence", asked, SiteEvidence))

    async def verdicts(self, asked: VerdictsAsked) -> Verdicts:
        return believed_verdicts(asked, await self._post("/verdicts", asked, Verdicts))

    async def card(self) -> SiteCard:
        return await self._answer("GET", "/site", None, SiteCard)

    async def close(self) -> None:
        if self._http:
            await self._http.aclose()

    async def _post(self, path: str, asked: BaseModel, kind: type[Answer]) -> Answer:
        return await self._answer("POST", path, asked.model_dump_json(exclude_defaults=True).encode(), kind)

    async def _answer(self, method: str, path: str, body: bytes | None, kind: type[Answer]) -> Answer:
        data, broke = None, None
        try:
            async with asyncio.timeout(self.settings.patience):
                while data is None:
                    try:
                        data = await self._read(method, path, body)
                    except httpx2.TransportError as error:
                        broke = error
                        if not self._may_come_back(error):
                            raise
                        await asyncio.sleep(PAUSE)
        except TimeoutError:
            raise SiteSilent(
                _reason(broke) if broke else f"did not answer within {self.settings.patience:g} s"
            ) from broke
        except httpx2.HTTPError as error:
            raise SiteSilent(_reason(error)) from error
        try:
            return kind.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or part.isidentifier())
            raise SiteRefused(f"answered with something else than asked for ({place[:80] or 'no JSON'})") from None

    def _may_come_back(self, error: httpx2.TransportError) -> bool:
        """One that was there and broke off may be starting again; one that was never there is not waited for, nor one that
        breaks off at first over TLS: so it refuses a certificate."""
        plain = not self.settings.url.startswith("https")
        self._met = self._met or (plain and not isinstance(error, httpx2.ConnectError))
        return self._met and not refusal(error)

    async def _read(self, method: str, path: str, body: bytes | None) -> bytes:
        """The body of a 200, no longer than it may be. It is not decompressed: no bomb can go off."""
        if self._http is None:
            self._http = self._open()
        data = bytearray()
        async with self._http.stream(method, path, content=body, headers=traceparent.headers()) as response:
            self._met = True
            if response.is_redirect:
                raise SiteRefused("sends elsewhere (a redirect, which is not followed)")
            if response.status_code != 200:
                known = REFUSED.get(response.status_code, f"answered with status {response.status_code}")
                raise (SiteSilent if response.status_code >= 500 else SiteRefused)(known)
            async for piece in response.aiter_raw():
                data += piece
                if len(data) > MOST_BYTES:
                    raise SiteRefused(f"sends more than {MOST_BYTES >> 20} MiB")
        return bytes(data)

    def _open(self) -> httpx2.AsyncClient:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if name := self.settings.key:
            key = os.environ.get(name, "")
            if not key or not key.isascii() or not key.isprintable():
                raise ConfigError(
                    f"{self.base / FILE}: {self.name}: the variable {name} holds no key",
                    f"export {name}=...: the key that whoever runs the site has made for you",
                )
            headers["Authorization"] = f"Bearer {key}"
        verify: ssl.SSLContext | bool = False
        if self.settings.url.startswith("https"):
            verify = trusting(*self._files(), where=f"{self.base / FILE}: {self.name}")
        transport = httpx2.AsyncHTTPTransport(verify=verify)
        return httpx2.AsyncClient(
            base_url=self.settings.url, transport=transport, headers=headers, timeout=None, trust_env=False
        )

    def _files(self) -> Iterator[Path | None]:
        for path in (self.settings.trust, self.settings.certificate, self.settings.private_key):
            yield self.base / path if path else None


def _reason(error: Exception) -> str:
    """Why no connection came about, as far down as it is told."""
    told = "cannot be reached" if isinstance(error, httpx2.ConnectError) else f"broke off ({type(error).__name__})"
    return refusal(error) or told
