"""Who is at the other end of a connection: the name in the client's certificate, the user of a local process; and TLS
handshakes that were refused."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class NamedPeer(H11Protocol):
    """uvicorn's protocol; `request.state.peer` is the certificate's name, empty without one, and `request.state.user` the user
    id of a process at a Unix socket, as the kernel tells it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        secured = transport.get_extra_info("ssl_object")
        name = certificate_name(secured.getpeercert() if secured else None)
        self.app_state = {**self.app_state, "peer": name, "user": user_of(transport.get_extra_info("socket"))}


def certificate_name(certificate: Any) -> str:
    """The first DNS name, else the common name."""
    if not certificate:
        return ""
    for kind, name in certificate.get("subjectAltName", ()):
        if kind == "DNS":
            return str(name)
    names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return str(names[0]) if names else ""


def user_of(connection: Any) -> int | None:
    """None for a connection that does not come from a Unix socket, and where the system does not tell."""
    if connection is None or connection.family != socket.AF_UNIX or not hasattr(socket, "SO_PEERCRED"):
        return None
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", told)[1])


def watch_handshakes(context: ssl.SSLContext, refused: Callable[[str], None]) -> None:
    """`refused` hears why a certificate was not accepted: such a connection never becomes a request."""

    class Watched(ssl.SSLObject):
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLCertVerificationError as error:
                refused(error.verify_message)
                raise
            except ssl.SSLError as error:
                refused((error.reason or "handshake failed").lower().replace("_", " "))
                raise

    context.sslobject_class = Watched
