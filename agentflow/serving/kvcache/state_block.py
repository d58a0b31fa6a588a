"""Saved attention states, cut in blocks: one block is the state of some tokens behind everything before them.

Its key is the hash of its tokens and of the block before it, so equal prefixes share their blocks, and a key says which
model and which text the state belongs to (as vLLM's prefix caching and LMCache do).
"""

import hashlib
import struct
from dataclasses import dataclass

import numpy as np

BLOCK_TOKENS = 64
MAGIC = b"AFKV\x00\x01\x00\x00"
DIGEST = 32  # bytes of a SHA-256
_PLACE = struct.Struct("<II")  # start, count
HEADER = len(MAGIC) + 2 * DIGEST + _PLACE.size + 4 * BLOCK_TOKENS  # bytes at most


@dataclass(frozen=True, slots=True)
class StateBlock:
    """The tokens at positions [start, start + len(tokens)); `size` are the bytes of their state."""

    key: bytes
    parent: bytes
    start: int
    tokens: list[int]
    size: int

    @property
    def end(self) -> int:
        return self.start + len(self.tokens)


def block_key(parent: bytes, tokens: list[int]) -> bytes:
    return hashlib.sha256(parent + np.asarray(tokens, np.int32).tobytes()).digest()


def encode(block: StateBlock, state: bytes) -> bytes:
    """The block as a file: magic, SHA-256 of what follows, parent, place, tokens, state."""
    tokens = np.asarray(block.tokens, np.int32).tobytes()
    head = block.parent + _PLACE.pack(block.start, len(block.tokens)) + tokens
    check = hashlib.sha256(head)
    check.update(state)
    return MAGIC + check.digest() + head + state


def decode_head(key: bytes, head: bytes, size: int) -> StateBlock | None:
    """The block that begins a file of `size` bytes; None when it is not the one that its name says."""
    at = len(MAGIC) + DIGEST
    if not head.startswith(MAGIC) or len(head) < at + DIGEST + _PLACE.size:
        return None
    parent = head[at : at + DIGEST]
    start, count = _PLACE.unpack_from(head, at + DIGEST)
    begin = at + DIGEST + _PLACE.size
    raw = head[begin : begin + 4 * count]
    if count > BLOCK_TOKENS or len(raw) < 4 * count:
        return None
    tokens = np.frombuffer(raw, np.int32).tolist()
    if block_key(parent, tokens) != key:
        return None
    return StateBlock(key, parent, start, tokens, size - begin - 4 * count)


def decode(block: StateBlock, data: bytes) -> memoryview | None:
    """The state in a file; None when a bit of it has changed."""
    at = len(MAGIC) + DIGEST
    whole = len(data) == at + DIGEST + _PLACE.size + 4 * len(block.tokens) + block.size
    if not whole or hashlib.sha256(memoryview(data)[at:]).digest() != data[len(MAGIC) : at]:
        return None
    return memoryview(data)[len(data) - block.size :]
