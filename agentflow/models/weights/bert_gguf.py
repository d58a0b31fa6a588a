"""The head of a GGUF file that holds a sentence embedder of BERT's form."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gguf import GGUFWriter, LlamaFileType


class BertShape(NamedTuple):
    """`width` of a vector, `inner` of its feed-forward layers; `positions` is the longest text in tokens, `kinds` how many
    token types there are."""

    width: int
    inner: int
    layers: int
    heads: int
    positions: int
    kinds: int
    epsilon: float


def bert_writer(target: Path, name: str, licence: str, file_type: "LlamaFileType", shape: BertShape) -> "GGUFWriter":
    """Mean pooling; the vocabulary and the tensors are the caller's to add."""
    from gguf import GGUFWriter, PoolingType

    writer = GGUFWriter(target, "bert")
    writer.add_name(name)
    writer.add_license(licence)
    writer.add_file_type(file_type)
    writer.add_context_length(shape.positions)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.inner)
    writer.add_block_count(shape.layers)
    writer.add_head_count(shape.heads)
    writer.add_layer_norm_eps(shape.epsilon)
    writer.add_token_type_count(shape.kinds)
    writer.add_causal_attention(False)
    writer.add_pooling_type(PoolingType.MEAN)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)
    return writer
