"""An issuer's public keys (JWKS), from a file that may change or an address that is asked again when it has to be."""

import json
import logging
import math
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agentflow.errors import AgentflowError, Unauthorized, Unavailable
from agentflow.toolbox.network import Fetcher

if TYPE_CHECKING:
    from jwt import PyJWK

FRESH = 600.0  # seconds; then a key that was withdrawn is no longer accepted
STALE = 86_400.0  # seconds for which an issuer that cannot be reached is believed to have the same keys
PAUSE = 30.0  # seconds until it is asked again after it did not answer, or did not know a key
MOST_BYTES = 200_000
Known = Mapping[str, "PyJWK"]


class KeySet:
    """Safe to be used by several threads."""

    def __init__(self, place: str, root: Path) -> None:
        self.place = place
        self.file = None if urlsplit(place).scheme in ("http", "https") else root / place
        self._keys: Known = {}
        self._read = self._tried = -math.inf
        self._stamp: tuple[int, int, int] | None = None
        self._why = ""  # it cannot be reached
        self._lock = threading.Lock()

    def key(self, id: str) -> "PyJWK":
        """Raises Unauthorized for one that the issuer does not have, Unavailable when its keys cannot be had: why is logged,
        and not told to whoever asks."""
        with self._lock:
            try:
                keys = self.from_file(self.file) if self.file else self._from_address(id)
            except (OSError, ValueError) as error:
                logging.getLogger("agentflow.identity").warning("the keys at %s cannot be had: %s", self.place, error)
                raise Unavailable("the keys of the token's issuer cannot be had now", "try again later") from error
        if id not in keys:
            raise Unauthorized("the token is signed with a key that its issuer does not have")
        return keys[id]

    def from_file(self, file: Path) -> Known:
        """Raises OSError and ValueError."""
        found = file.stat()
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        if stamp != self._stamp:
            self._keys, self._stamp = parse(file.read_bytes()), stamp
        return self._keys

    def _from_address(self, id: str) -> Known:
        now = time.monotonic()
        if (now - self._read > FRESH or id not in self._keys) and now - self._tried > PAUSE:
            try:
                self._keys, self._read, self._why = parse(self._fetch()), now, ""
            except (AgentflowError, ValueError) as error:
                self._tried, self._why = now, str(error)
            if id not in self._keys:
                self._tried = now
        if now - self._read > STALE:
            raise ValueError(self._why)
        return self._keys

    def _fetch(self) -> bytes:
        parts = urlsplit(self.place)
        fetcher = Fetcher(
            (parts.hostname or "",), size=MOST_BYTES, seconds=5.0, origin=f"{parts.scheme}://{parts.netloc}"
        )
        page = fetcher.fetch(self.place)
        if page.status != 200 or page.cut:
            raise ValueError(f"status {page.status}, {len(page.body)} bytes")
        return page.body


def parse(data: bytes) -> Known:
    """By id. Keys without one, and those that are not for signatures, are left out. Raises ValueError."""
    from jwt import PyJWK, PyJWTError

    try:
        entries = json.loads(data)["keys"]
        wanted = [entry for entry in entries if entry.get("kid") and entry.get("use", "sig") == "sig"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no JSON Web Key Set") from error
    found: dict[str, PyJWK] = {}
    for entry in wanted:
        try:
            found[str(entry["kid"])] = PyJWK.from_dict(entry)
        except PyJWTError:  # of a kind that is not known here
            continue
    return found
