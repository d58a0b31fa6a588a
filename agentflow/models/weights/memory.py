"""How much memory llama.cpp will allocate for a model, from its GGUF header alone.

Weights and KV cache follow from the shapes exactly. The compute buffer is the largest set of tensors alive at one time
in the graph of one batch; the terms below were read off llama.cpp 0c1e570's own reservations (see
tests/models/test_memory.py, which compares the sum with what llama.cpp reserves).
"""

from dataclasses import dataclass

from agentflow.storage.gguf import Header

BATCH = 512
OUTPUTS = 64
"""Rows of logits per batch, as the embedded server asks for."""
KV_BITS = {"f16": 16.0, "bf16": 16.0, "auto": 16.0, "q8_0": 8.5, "q4_0": 4.5, "fp8": 8.0}


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes. `active` are the weights read for one token, `kv_token` the cache of one token."""

    weights: int
    kv: int
    buffers: int
    active: int
    kv_token: float

    @property
    def total(self) -> int:
        return self.weights + self.kv + self.buffers


def predict(
    header: Header,
    *,
    context: int,
    parallel: int,
    kv_type: str = "auto",
    flash_attention: bool = True,
    batch: int = BATCH,
    outputs: int = OUTPUTS,
    sequences: int | None = None,
) -> Memory:
    """`context` tokens for each of `parallel` conversations, in one cache; `sequences` may be more than those."""
    cells = -(-context * parallel // 256) * 256
    per_token = kv_per_token(header, kv_type)
    buffers = (
        compute_buffer(header, cells, batch, outputs, flash_attention)
        + (sequences or parallel) * vocabulary(header) * 4
    )
    return Memory(
        weights=sum(tensor.size for tensor in header.tensors),
        kv=int(per_token * cells) + recurrent_state(header) * parallel,
        buffers=buffers,
        active=active_weights(header),
        kv_token=per_token,
    )


def kv_per_token(header: Header, kv_type: str) -> float:
    """Bytes of keys and values that one token leaves in all layers."""
    width = head_size(header, "key") + head_size(header, "value")
    return sum(kv_heads(header)) * width * KV_BITS[kv_type] / 8


def kv_heads(header: Header) -> list[int]:
    """Key-value heads of each layer that has a cache of its own; none in encoders."""
    layers = int(header.get("block_count", 0))
    if header.get("attention.causal") is False:
        return []
    given = header.get("attention.head_count_kv", header.get("attention.head_count", 0))
    heads = [int(count) for count in given] if isinstance(given, list) else [int(given)] * layers
    if every := header.get("full_attention_interval"):  # hybrids: the other layers keep a state of fixed size
        heads = [count for layer, count in enumerate(heads, 1) if layer % int(every) == 0]
    return heads[: len(heads) - int(header.get("attention.shared_kv_layers", 0))]


def recurrent_state(header: Header) -> int:
    """Bytes per conversation in the layers without attention (gated delta nets, Mamba 2), in 32-bit floats."""
    inner, state = int(header.get("ssm.inner_size", 0)), int(header.get("ssm.state_size", 0))
    if not inner:
        return 0
    layers = int(header.get("block_count", 0)) - len(kv_heads(header))
    convolution = (int(header.get("ssm.conv_kernel", 4)) - 1) * (
        inner + 2 * int(header.get("ssm.group_count", 1)) * state
    )
    return layers * 4 * (convolution + state * inner)


def head_size(header: Header, which: str) -> int:
    """Width of one head of the keys or values."""
    default = width(header) // max(1, query_heads(header))
    return int(header.get(f"attention.{which}_length", default))


def query_heads(header: Header) -> int:
    given = header.get("attention.head_count", 1)
    return max(int(count) for count in given) if isinstance(given, list) else int(given)


def width(header: Header) -> int:
    return int(header.get("embedding_length", 0))


def feed_forward(header: Header) -> int:
    given = header.get("feed_forward_length", 0)
    return max(int(size) for size in given) if isinstance(given, list) else int(given)


def vocabulary(header: Header) -> int:
    """Tokens; the header keeps the length of long arrays in their place."""
    tokens = header.metadata.get("tokenizer.ggml.tokens", 0)
    return len(tokens) if isinstance(tokens, list) else int(tokens)


def compute_buffer(header: Header, cells: int, batch: int, outputs: int, flash_attention: bool) -> int:
    """Bytes of the largest stage: feed-forward, attention without flash attention, or logits."""
    hidden, query = width(header), query_heads(header) * head_size(header, "key")
    used, expert = int(header.get("expert_used_count", 0)), int(header.get("expert_feed_forward_length", 0))
    inner = used * (3 * expert + hidden) if used and expert else 3 * feed_forward(header)
    mask = cells * batch * (2 if flash_attention else 4) if kv_heads(header) else 0
    layer = batch * 4 * (inner + 3 * hidden + query) + mask
    rows = min(outputs, batch)
    logits = rows * 4 * (vocabulary(header) + hidden) + batch * 4 * hidden
    if flash_attention or not kv_heads(header):
        return max(layer, logits)
    keys = cells * max(kv_heads(header)) * head_size(header, "value") * 2
    scores = query_heads(header) * cells * batch * 4
    return max(layer, logits, scores + mask + keys + batch * 4 * (3 * hidden + query // 2))


def active_weights(header: Header) -> int:
    """Bytes read to compute one token: all but the unused experts and the embedding table (one row is looked up)."""
    tied = not any(tensor.name == "output.weight" for tensor in header.tensors)
    share = int(header.get("expert_used_count", 0)) / max(1, int(header.get("expert_count", 0)))
    total = 0.0
    for tensor in header.tensors:
        if tensor.name == "token_embd.weight" and not tied:
            continue
        total += tensor.size * (share if "_exps." in tensor.name else 1.0)
    return int(total)
