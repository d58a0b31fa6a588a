"""Fetching from the network, for tools that a project has turned on: only named hosts, only public addresses.

Each connection goes to an address that was checked, not to a name that is looked up again (DNS rebinding); redirects
are checked like first requests; no proxy is taken from the environment (OWASP SSRF prevention).
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import SplitResult, urljoin, urlsplit

from agentflow.toolbox.errors import ToolFailed, ToolRefused
from agentflow.version import __version__

PORTS = {"http": 80, "https": 443}
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
    """`cut`: there was more than `size` allowed."""

    url: str
    status: int
    kind: str
    body: bytes
    cut: bool


@dataclass(frozen=True, slots=True)
class Fetcher:
    """`hosts` are names or patterns like *.example.org. A resolver and a judge can be given, for tests."""

    hosts: tuple[str, ...]
    size: int = 2_000_000
    seconds: float = 20.0
    resolve: Resolve = resolve
    is_public: Callable[[str], bool] = is_public
    ports: tuple[int, ...] = (80, 443)

    def fetch(self, url: str) -> Page:
        """Raises ToolRefused for what the policy forbids, ToolFailed for what does not work."""
        for _ in range(MOST_REDIRECTS + 1):
            parts, port = self._allowed(url)
            status, kind, body, location = self._get(parts, port, self._address(parts.hostname or "", port))
            if status not in REDIRECTS or not location:
                return Page(url, status, kind, body[: self.size], len(body) > self.size)
            url = urljoin(url, location)
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

    def _address(self, host: str, port: int) -> str:
        """One address to connect to. A name with even one inner address is refused whole."""
        found = self.resolve(host, port)
        inner = [address for address in found if not self.is_public(address)]
        if inner or not found:
            raise ToolRefused(
                f"'{host}' leads to {', '.join(inner) or 'nothing'}, which is not public", "use a public host"
            )
        return found[0]

    def _get(self, parts: SplitResult, port: int, address: str) -> tuple[int, str, bytes, str]:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": parts.netloc, "User-Agent": f"agentflow/{__version__}", "Accept-Encoding": "identity"}
        connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=self.seconds)
        try:
            connection.sock = self._connect(parts, port, address)
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            body = response.read(self.size + 1)
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise ToolFailed(f"cannot fetch from {parts.hostname}: {error}", "try later") from None
        finally:
            connection.close()
        return response.status, response.headers.get_content_type(), body, response.headers.get("Location", "")

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
