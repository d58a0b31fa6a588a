"""Who is at the other end of a TLS connection: the name in the client's certificate, and handshakes that were refused."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class NamedPeer(H11Protocol):
    """uvicorn's protocol; `request.state.peer` is the certificate's name, empty without one."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        secured = transport.get_extra_info("ssl_object")
        self.app_state = {**self.app_state, "peer": certificate_name(secured.getpeercert() if secured else None)}


def certificate_name(certificate: Any) -> str:
    """The first DNS name, else the common name."""
    if not certificate:
        return ""
    for kind, name in certificate.get("subjectAltName", ()):
        if kind == "DNS":
            return str(name)
    names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return str(names[0]) if names else ""


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
