"""Fetching from the network, for tools that a project has turned on: only named hosts, only public addresses.

Each connection goes to an address that was checked, not to a name that is looked up again (DNS rebinding); redirects
are checked like first requests; no proxy is taken from the environment (OWASP SSRF prevention).
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from urllib.parse import SplitResult, urljoin, urlsplit

from agentflow.toolbox.errors import ToolFailed, ToolRefused
from agentflow.version import __version__

PORTS = {"http": 80, "https": 443}
OPEN_PORTS = (80, 443)
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 3
Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as text. Raises ToolFailed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ToolFailed(f"cannot find {host}: {error}", "check the name and the connection") from None
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def is_public(address: str) -> bool:
    """Global unicast only; an IPv4 address inside an IPv6 one (mapped, 6to4, NAT64) is judged as what it is."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


@dataclass(frozen=True, slots=True)
class Page:
    """`cut`: there was more than `size` allowed. `headers` have names in lower case."""

    url: str
    status: int
    kind: str
    body: bytes
    cut: bool
    headers: Mapping[str, str] = field(default_factory=dict)


def _let_pass(url: str) -> None:
    """Without manners of its own."""


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


@dataclass(frozen=True, slots=True)
class Fetcher:
    """`hosts` are names or patterns like *.example.org. A resolver and a judge can be given, for tests.

    `origin` (`http://localhost:8888`) is a server that the person named themself: it alone may be on this machine or in
    their own network. `before` is called with the URL of each request, redirects included, and may refuse or delay it.
    """

    hosts: tuple[str, ...]
    size: int = 2_000_000
    seconds: float = 20.0
    resolve: Resolve = field(default_factory=lambda: resolve)
    is_public: Callable[[str], bool] = field(default_factory=lambda: is_public)
    ports: tuple[int, ...] = field(default_factory=lambda: OPEN_PORTS)
    origin: str = ""
    before: Callable[[str], None] = _let_pass

    def fetch(self, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Page:
        """A GET, or a POST of `body`. What is sent along is not carried over a redirect to another host.

        Raises ToolRefused for what the policy forbids, ToolFailed for what does not work.
        """
        sent, first = dict(headers or {}), _host(url)
        for _ in range(MOST_REDIRECTS + 1):
            parts, port = self._allowed(url)
            address = self._address(parts, port)
            self.before(url)
            status, told, content = self._get(parts, port, address, sent, body)
            location = told.get("location", "")
            if status not in REDIRECTS or not location:
                kind = told.get("content-type", "text/plain").partition(";")[0].strip().lower()
                return Page(url, status, kind, content[: self.size], len(content) > self.size, told)
            url = urljoin(url, location)
            if body is not None or _host(url) != first:
                sent, body = {}, None
        raise ToolFailed(f"more than {MOST_REDIRECTS} redirects", "name the final address")

    def _allowed(self, url: str) -> tuple[SplitResult, int]:
        if not url.isprintable() or " " in url or "\\" in url:
            raise ToolRefused(f"{url[:100]!r} is not a plain URL", "write https://host/path")
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise ToolRefused(f"{url[:100]!r} is not a URL: {error}", "write https://host/path") from None
        host = (parts.hostname or "").rstrip(".")
        if self._own(parts):
            return parts, port
        if parts.scheme not in PORTS or port not in self.ports:
            raise ToolRefused(f"{url[:100]!r}: only http and https on their own ports", "write https://host/path")
        if parts.username is not None or parts.password is not None or "@" in parts.netloc:
            raise ToolRefused(f"{url[:100]!r} carries a user name", "leave it out")
        if _is_number(host) or not any(fnmatchcase(host, pattern) for pattern in self.hosts):
            allowed = ", ".join(self.hosts) or "none"
            raise ToolRefused(
                f"the host '{host}' is not allowed; allowed: {allowed}", "list it under `network:` in tools.yaml"
            )
        return parts, port

    def _own(self, parts: SplitResult) -> bool:
        return bool(self.origin) and f"{parts.scheme}://{parts.netloc}" == self.origin

    def _address(self, parts: SplitResult, port: int) -> str:
        """One address to connect to. A name with even one inner address is refused whole."""
        host = parts.hostname or ""
        found = self.resolve(host, port)
        inner = [] if self._own(parts) else [address for address in found if not self.is_public(address)]
        if inner or not found:
            raise ToolRefused(
                f"'{host}' leads to {', '.join(inner) or 'nothing'}, which is not public", "use a public host"
            )
        return found[0]

    def _get(
        self, parts: SplitResult, port: int, address: str, sent: Mapping[str, str], body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "Host": parts.netloc,
            "User-Agent": f"agentflow/{__version__}",
            "Accept-Encoding": "identity",
            **sent,
        }
        connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=self.seconds)
        deadline = time.monotonic() + self.seconds
        try:
            connection.sock = self._connect(parts, port, address)
            connection.request("GET" if body is None else "POST", path, body=body, headers=headers)
            response = connection.getresponse()
            content = self._read(response, deadline)
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise ToolFailed(f"cannot fetch from {parts.hostname}: {error}", "try later") from None
        finally:
            connection.close()
        return response.status, {name.lower(): value for name, value in response.headers.items()}, content

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        """One byte more than `size` shows that there is more. A server that drips has no longer than others."""
        content = bytearray()
        while len(content) <= self.size and (piece := response.read1(self.size + 1 - len(content))):
            content += piece
            if time.monotonic() > deadline:
                raise TimeoutError(f"it took more than {self.seconds:.0f} s")
        return bytes(content)

    def _connect(self, parts: SplitResult, port: int, address: str) -> socket.socket:
        plain = socket.create_connection((address, port), timeout=self.seconds)
        if parts.scheme == "http":
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname)


def _is_number(host: str) -> bool:
    """Addresses in any notation that a resolver might take for one: 127.0.0.1, 2130706433, 0x7f.1, 0177.0.0.1, [::1]."""
    if ":" in host:
        return True
    last = host.rsplit(".", 1)[-1].lower()
    return last.isdigit() or last.startswith("0x")
