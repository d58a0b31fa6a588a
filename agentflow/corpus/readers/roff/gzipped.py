"""A manual page as systems keep it, `tar.1.gz`: unpacked, then read as what it holds."""

import zlib
from pathlib import PurePath

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers import format_of
from agentflow.corpus.readers import read as read_format
from agentflow.corpus.readers.decode import decode
from agentflow.corpus.readers.unreadable import Unreadable

LARGEST = 20_000_000  # bytes of a page


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no gzip file, and for bombs."""
    try:
        page = zlib.decompressobj(wbits=31).decompress(content, LARGEST + 1)
    except zlib.error as error:
        raise Unreadable(f"damaged gzip file ({error})") from error
    if len(page) > LARGEST:
        raise Unreadable(f"more than the limit of {LARGEST / 1e6:.0f} MB when unpacked")
    form = format_of(PurePath("page"), page)
    if form.kind not in ("man", "txt"):
        raise Unreadable("no manual page in it: unpack it")
    return read_format(form, decode(page))
