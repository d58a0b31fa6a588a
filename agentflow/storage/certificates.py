"""Certificates of a connection to another machine: whom to trust, who we are, and why a connection was not made."""

import ssl
from collections.abc import Iterator
from pathlib import Path

from agentflow.errors import ConfigError


def trusting(trust: Path | None, certificate: Path | None, private_key: Path | None, *, where: str) -> ssl.SSLContext:
    """Where an authority is named, it alone is trusted. Raises ConfigError that begins with `where` for files that cannot be
    used."""
    try:
        context = ssl.create_default_context(cafile=trust)
        if certificate and private_key:
            context.load_cert_chain(certificate, private_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"{where}: a certificate cannot be used ({error})", "name PEM files that can be read"
        ) from error
    return context


def refusal(error: BaseException) -> str:
    """Which side refused the other's certificate; empty for a connection that failed by something else."""
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"cannot be trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "refuses the encrypted connection: it may not accept this project's certificate"
    return ""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """It and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
