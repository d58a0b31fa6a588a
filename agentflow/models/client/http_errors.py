"""What the HTTP client raises, in the words of `Failure`. Apart from errors.py, which is read at every start: this needs `openai`,
half a second to import."""

import json
import time
from email.utils import parsedate_to_datetime

import httpx2
import openai

from agentflow.models.client.errors import Broken
from agentflow.models.client.types import Failure

OVERFLOW = ("context_overflow", "exceed_context_size", "maximum context length", "context length", "context window")
BROKEN_STREAM = (httpx2.HTTPError, json.JSONDecodeError, UnicodeDecodeError, openai.APIResponseValidationError)


def broken(error: Exception) -> Broken:
    """Any error of the HTTP client as a failed attempt."""
    match error:
        case openai.APITimeoutError():
            return Broken(Failure("timeout", "the server did not accept the request in time"))
        case openai.APIConnectionError():
            return Broken(
                Failure("connection", f"no connection to the server: {error.__cause__ or error}", retryable=True)
            )
        case openai.APIStatusError():
            refused = _refused(error)
            refused.status = error.status_code
            return refused
        case openai.APIError():  # an error object inside the stream
            return Broken(_named(str(error.type or error.code or ""), error.message))
    return Broken(Failure("connection", f"the stream broke off: {error or type(error).__name__}", retryable=True))


def _refused(error: openai.APIStatusError) -> Broken:
    body = error.body if isinstance(error.body, dict) else {}
    words = str(body.get("message") or body.get("error") or error.message)
    kind = str(body.get("type") or "")
    if error.status_code in (429, 503):
        return Broken(Failure("overloaded", words, retryable=True), _seconds(error.response.headers.get("retry-after")))
    if error.status_code in (408, 504):
        return Broken(Failure("timeout", words))
    if error.status_code == 501:
        return Broken(Failure("invalid_request", words))
    if error.status_code >= 500:
        return Broken(Failure("server", f"the server failed ({error.status_code}): {words}", retryable=True))
    return Broken(_named(kind, words))


def _named(kind: str, words: str) -> Failure:
    if any(sign in f"{kind} {words}".lower() for sign in OVERFLOW):
        return Failure("context_overflow", words)
    if kind in ("overloaded", "timeout"):
        return Failure(kind, words, retryable=kind == "overloaded")
    if kind in ("server_error", "server", "internal_error", "InternalServerError"):
        return Failure("server", words, retryable=True)
    return Failure("invalid_request", words)


def _seconds(header: str | None) -> float:
    """Retry-After is a number of seconds or a date (RFC 9110); 0 when it is neither."""
    try:
        seconds = float(header or 0)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header or "").timestamp() - time.time()
        except ValueError:
            return 0.0
    return min(60.0, max(0.0, seconds))
