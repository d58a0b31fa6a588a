"""Bytes to text: UTF-8 first, then what the bytes say, then a guess."""

import codecs
import unicodedata

from agentflow.corpus.readers.unreadable import Skipped

MARKS = (  # UTF-32 before UTF-16: one begins like the other
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes) -> str:
    """Text with `\\n` line ends, without NUL, lone surrogates or a byte-order mark. Raises Skipped for binary files."""
    return unify(_decode(content))


def unify(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")


def _decode(content: bytes) -> str:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\x00" in content[:8192]:
        raise Skipped("a binary file, not text")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = _guess(content)
    if _control_share(text[:8192]) > 0.05:
        raise Skipped("a binary file, not text")
    return text


def _guess(content: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content[:200_000], threshold=0.3).best()
    if best is None:
        raise Skipped("a binary file, or text in an encoding that cannot be told")
    return content.decode(best.encoding, "replace")


def _control_share(text: str) -> float:
    strange = sum(unicodedata.category(mark) == "Cc" and mark not in "\n\r\t\f\v\x1b" for mark in text)
    return strange / max(len(text), 1)
