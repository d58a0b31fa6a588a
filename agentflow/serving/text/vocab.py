"""Text to tokens and back. Special tokens are made only where a template asks for them."""

import codecs
import ctypes
import re
import unicodedata
from functools import cached_property
from typing import Any

import llama_cpp

CONTROL = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
USER = llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED


class Vocab:
    """The token table of one model. Safe to use from several threads."""

    def __init__(self, pointer: Any) -> None:
        self.pointer = pointer
        self.size: int = llama_cpp.llama_vocab_n_tokens(pointer)
        self.bos: int = llama_cpp.llama_vocab_bos(pointer)
        self.eos: int = llama_cpp.llama_vocab_eos(pointer)
        self.unigram = llama_cpp.llama_vocab_type(pointer) == llama_cpp.LLAMA_VOCAB_TYPE_UGM
        self.add_bos: bool = llama_cpp.llama_vocab_get_add_bos(pointer)
        self.attributes = [llama_cpp.llama_vocab_get_attr(pointer, token) for token in range(self.size)]
        self.pieces = [self._piece(token) for token in range(self.size)]
        self.ends = frozenset(t for t in range(self.size) if llama_cpp.llama_vocab_is_eog(pointer, t))
        self.end = self.eos if self.eos in self.ends else min(self.ends, default=self.eos)

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(64)
        length = llama_cpp.llama_token_to_piece(self.pointer, token, buffer, 64, 0, True)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = llama_cpp.llama_token_to_piece(self.pointer, token, buffer, -length, 0, True)
        return buffer.raw[:length]

    @cached_property
    def specials(self) -> dict[str, int]:
        """Text of every control or user-defined token that is written like one."""
        found = {}
        for token, attributes in enumerate(self.attributes):
            if attributes & (CONTROL | USER) and (text := self.pieces[token].decode("utf-8", "ignore").strip()):
                found[text] = token
        return found

    @cached_property
    def special_pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.specials, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def tokenize(self, text: str) -> list[int]:
        """Plain text: what looks like a control token stays text, also where llama.cpp would match a tag."""
        tokens: list[int] = []
        start = 0
        for match in self.special_pattern.finditer(text):
            if self.attributes[self.specials[match.group()]] & USER:
                tokens += self._tokenize(text[start : match.start() + 1])
                start = match.start() + 1
        return tokens + self._tokenize(text[start:])

    def tokenize_whole(self, text: str) -> list[int]:
        """With the model's own begin and end tokens, as encoders (embedding models) need."""
        if self.unigram:  # trained on text in this form; not every file tells llama.cpp so
            text = " ".join(unicodedata.normalize("NFKC", text).split())
        return self._tokenize(text, add_special=True)

    def _tokenize(self, text: str, add_special: bool = False) -> list[int]:
        data = text.encode("utf-8", "replace")
        if not data and not add_special:
            return []
        space = len(data) + 8
        buffer = (llama_cpp.llama_token * space)()
        length = llama_cpp.llama_tokenize(self.pointer, data, len(data), buffer, space, add_special, False)
        if length < 0:
            buffer = (llama_cpp.llama_token * -length)()
            length = llama_cpp.llama_tokenize(self.pointer, data, len(data), buffer, -length, add_special, False)
        return list(buffer[:length])

    def text(self, token: int) -> str:
        return self.pieces[token].decode("utf-8", "replace")

    def decode(self, tokens: list[int]) -> str:
        return b"".join(self.pieces[token] for token in tokens).decode("utf-8", "replace")


class TextStream:
    """Tokens in, text out as soon as it is whole: no half characters, nothing that may begin a stop string."""

    def __init__(self, vocab: Vocab, stop: tuple[str, ...] = (), show_specials: bool = True) -> None:
        self.vocab = vocab
        self.stop = stop
        self.show_specials = show_specials
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.held = ""
        self.stopped = False

    def push(self, token: int) -> str:
        """The text that became final. Sets `stopped` when a stop string is complete; nothing after it is returned."""
        if self.vocab.attributes[token] & CONTROL and not self.show_specials:
            return ""
        self.held += self.decoder.decode(self.vocab.pieces[token])
        if not self.stop:
            ready, self.held = self.held, ""
            return ready
        cuts = [at for stop in self.stop if (at := self.held.find(stop)) >= 0]
        if cuts:
            self.stopped = True
            ready, self.held = self.held[: min(cuts)], ""
            return ready
        keep = max(longest_overlap(self.held, stop) for stop in self.stop)
        ready, self.held = self.held[: len(self.held) - keep], self.held[len(self.held) - keep :]
        return ready

    def close(self) -> str:
        ready = self.held + self.decoder.decode(b"", True)
        self.held = ""
        return ready


def longest_overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that begins `stop`."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
