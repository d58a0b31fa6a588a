"""Bytes to text: what the bytes themselves prove comes first, then what the file says of itself, then a guess."""

import codecs
import re
import unicodedata

from agentflow.corpus.readers.charset import codec, guess
from agentflow.corpus.readers.unreadable import Skipped

MARKS = (  # UTF-32 before UTF-16: one begins like the other
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROL = bytes(mark for mark in range(32) if chr(mark) not in "\b\t\n\v\f\r\x1b") + b"\x7f"
PRINTABLE = bytes(range(32, 127))
BINARY = 0.05  # share of control characters
DECLARED = re.compile(rb"""(?:coding[:=]|encoding=|charset=)\s*["']?\s*([\w.:-]+)""")
SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
SAMPLE = 16_384
# Names of what stands among ASCII in UTF-8; two letters of an old code page may look like a letter of another script.
WESTERN = ("LATIN", "EN DASH", "EM DASH", "LEFT", "RIGHT", "EURO", "BULLET", "HORIZONTAL", "DEGREE", "NO-BREAK")


def decode(content: bytes) -> str:
    """Text with `\\n` line ends, without NUL, lone surrogates or a byte-order mark. Raises Skipped for binary files."""
    return unify(_decode(content))


def unify(text: str) -> str:
    """Line ends as `\\n`; a run of NULs, which a crash leaves in a log, is one U+FFFD."""
    return re.sub("\x00+", "\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _decode(content: bytes) -> str:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return (
                mended(content[len(mark) :])
                if mark == codecs.BOM_UTF8
                else content[len(mark) :].decode(encoding, "replace")
            )
    if content[257:262] == b"ustar":
        raise Skipped("an archive, not text")
    if _looks_wide(content) and (text := _wide(content)):
        return text
    if _control_share(content) > BINARY:
        raise Skipped("a binary file, not text")
    try:
        return _escaped(content) or content.decode("utf-8")
    except UnicodeDecodeError:
        return mended(content) if _nearly_utf8(content) else _guessed(content)


def _control_share(content: bytes) -> float:
    """A run of NULs among letters counts as a quarter: they part the names of a list and fill what a crash left empty."""
    folded = re.sub(rb"\x00+", b"\x00", content) if b"\x00" in content else content
    controls = len(folded) - len(folded.translate(None, CONTROL))
    spared = 0.75 * folded.count(0) if len(folded.translate(None, PRINTABLE)) < 0.5 * len(folded) else 0.0
    return (controls - spared) / max(len(folded), 1)


def _looks_wide(content: bytes) -> bool:
    """Bytes that no 8-bit text has: many NULs, or NULs and control characters among few printable ASCII characters."""
    sample = content[:SAMPLE]
    nuls, printable = sample.count(0), len(sample) - len(sample.translate(None, PRINTABLE))
    strange = nuls or _control_share(sample) > BINARY
    return bool(strange) and (nuls > 0.2 * len(sample) or printable < 0.85 * len(sample))


def _wide(content: bytes) -> str:
    """UTF-16 or UTF-32 without a byte-order mark, or nothing."""
    for encoding, width in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        whole = len(content) // width * width
        try:
            text = content[:whole].decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:SAMPLE]
        odd = sum(unicodedata.category(mark) in ("Cc", "Cn", "Co") and mark not in "\t\n\r\f\0" for mark in sample)
        plain = sum(mark.isspace() or mark in "。、，․." or mark.isascii() for mark in sample)
        if odd <= 0.02 * len(sample) and plain >= 0.01 * len(sample) and sample.count("\0") <= 0.1 * len(sample):
            return text
    return ""


def _escaped(content: bytes) -> str:
    """Japanese, Korean or Chinese in seven bits, which announces itself by escape sequences; else nothing."""
    if b"\x1b$" not in content:
        return ""
    for encoding in ("iso2022_jp_ext", "iso2022_kr"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _nearly_utf8(content: bytes) -> bool:
    """Whether the bytes outside UTF-8's sequences are strays: few, or each alone among ASCII as pasted letters are."""
    valid = SEQUENCE.findall(content)
    rest = SEQUENCE.sub(b" ", content)
    strays = len(rest) - len(rest.translate(None, bytes(range(128, 256))))
    alone = len(re.findall(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])", rest))
    if len(valid) >= 2 * strays:
        return True
    signs = "".join(each.decode("utf-8", "replace") for each in valid)
    meant = sum(unicodedata.name(sign, "").startswith(WESTERN) for sign in signs)
    return meant >= 2 and 2 * meant >= len(valid) and alone >= 0.9 * strays


def mended(content: bytes) -> str:
    """UTF-8, each byte that is none read as windows-1252."""
    return content.decode("utf-8", "agentflow.windows-1252")


def _stray(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("agentflow.windows-1252", _stray)


def _guessed(content: bytes) -> str:
    declared = DECLARED.search(content[:1024])
    for encoding in filter(None, (codec(declared[1].decode("ascii", "replace")) if declared else None, guess(content))):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode(guess(content), "replace")
