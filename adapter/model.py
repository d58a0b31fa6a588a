"""A Llama or Qwen2 decoder with low-rank adapters (LoRA, Hu et al. 2021) over trees of tokens: one shared prefix, many branches.

What a server with a prefix cache computes: prefix tokens see the prefix; a branch sees the prefix and itself.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import torch
from torch import Tensor, nn
from torch.nn import functional as F

MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


@dataclass(frozen=True, slots=True)
class Shape:
    architecture: str
    layers: int
    width: int
    heads: int
    groups: int  # key and value heads
    rope_base: float
    eps: float

    @property
    def head(self) -> int:
        return self.width // self.heads

    @classmethod
    def of(cls, path: Path) -> "Shape":
        """What the metadata of a GGUF file says."""
        fields = gguf.GGUFReader(path).fields
        name = fields["general.architecture"].contents()

        def told(key: str) -> Any:
            return fields[f"{name}.{key}"].contents()

        return cls(
            architecture=name,
            layers=told("block_count"),
            width=told("embedding_length"),
            heads=told("attention.head_count"),
            groups=told("attention.head_count_kv"),
            rope_base=told("rope.freq_base"),
            eps=told("attention.layer_norm_rms_epsilon"),
        )


class Adapted(nn.Module):
    """A frozen matrix (out, in), its bias if it has one, and its low-rank change `b @ a * scale`; b starts at zero."""

    def __init__(self, weight: Tensor, bias: Tensor | None, rank: int, scale: float) -> None:
        super().__init__()
        self.weight, self.bias = weight, bias
        self.scale = scale
        self.a = nn.Parameter(torch.randn(rank, weight.shape[1]) / math.sqrt(weight.shape[1]))
        self.b = nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, x: Tensor) -> Tensor:
        low = F.linear(F.linear(x, self.a.to(x.dtype)), self.b.to(x.dtype))
        return F.linear(x, self.weight, self.bias) + low * self.scale


class Decoder(nn.Module):
    """`base`: GGUF tensor names to weights; the rope rows of a Llama stand in llama.cpp's order (pairs side by side)."""

    def __init__(self, base: dict[str, Tensor], shape: Shape, rank: int, alpha: float) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = base["token_embd.weight"]
        self.output = base.get("output.weight", self.embedding)
        self.norms = {name: w for name, w in base.items() if name.endswith("norm.weight")}
        self.adapted = nn.ModuleDict(
            {
                f"blk_{i}_{name}": Adapted(
                    base[f"blk.{i}.{name}.weight"], base.get(f"blk.{i}.{name}.bias"), rank, alpha / rank
                )
                for i in range(shape.layers)
                for name in MATRICES
            }
        )

    def forward(self, prefix: Tensor, branches: Tensor, real: Tensor) -> Tensor:
        """prefix (P,), branches (B, L) padded behind, real (B, L) true where a token is. Returns the last hidden states
        of the real tokens, (N, width), in the order of `branches[real]`. Padding is never computed."""
        length, longest = len(prefix), branches.shape[1]
        x = F.embedding(torch.cat([prefix, branches[real]]), self.embedding)
        steps = torch.arange(longest).expand_as(branches)[real]
        cos, sin = self._rope(torch.cat([torch.arange(length), length + steps]), x.dtype)
        ahead = torch.full((longest, longest), float("-inf"), dtype=x.dtype).triu(1)[steps]  # (N, L)
        for i in range(self.shape.layers):
            x = x + self._attend(i, self._norm(x, f"blk.{i}.attn_norm.weight"), cos, sin, length, real, ahead)
            x = x + self._feed(i, self._norm(x, f"blk.{i}.ffn_norm.weight"))
        return self._norm(x[length:], "output_norm.weight")

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.output)

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.norms[name], self.shape.eps)

    def _rope(self, position: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        half = self.shape.head // 2
        rate = self.shape.rope_base ** (-torch.arange(half).float() / half)
        angle = position[:, None].float() * rate
        return angle.cos().to(dtype)[:, None], angle.sin().to(dtype)[:, None]

    def _turn(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """x (T, heads, head); llama.cpp turns neighbours (0, 1), (2, 3), ... of a Llama, and the two halves of others."""
        if self.shape.architecture != "llama":
            low, high = x.chunk(2, -1)
            return torch.cat([low * cos - high * sin, low * sin + high * cos], -1)
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)

    def _attend(self, i: int, x: Tensor, cos: Tensor, sin: Tensor, length: int, real: Tensor, ahead: Tensor) -> Tensor:
        s, layer = self.shape, self.adapted
        scale = s.head**-0.5
        q = self._turn(layer[f"blk_{i}_attn_q"](x).view(-1, s.heads, s.head), cos, sin).transpose(0, 1)
        k = self._turn(layer[f"blk_{i}_attn_k"](x).view(-1, s.groups, s.head), cos, sin)
        v = layer[f"blk_{i}_attn_v"](x).view(-1, s.groups, s.head)
        k, v = (t.repeat_interleave(s.heads // s.groups, 1).transpose(0, 1) for t in (k, v))  # (heads, T, head)
        before = [t[None, :, :length] for t in (q, k, v)]
        seen = F.scaled_dot_product_attention(*before, is_causal=True)[0]
        qs, ks, vs = (padded(t[:, length:], real) for t in (q, k, v))  # (heads, B, L, head)
        far = (q[:, length:] * scale) @ k[:, :length].transpose(1, 2)  # (heads, N, P)
        near = ((qs * scale) @ ks.transpose(2, 3))[:, real] + ahead  # (heads, N, L)
        shares = torch.cat([far, near], -1).softmax(-1)
        told = shares[..., :length] @ v[:, :length] + (padded(shares[..., length:], real) @ vs)[:, real]
        out = torch.cat([seen, told], 1).transpose(0, 1).reshape(len(x), -1)
        return layer[f"blk_{i}_attn_output"](out)

    def _feed(self, i: int, x: Tensor) -> Tensor:
        layer = self.adapted
        return layer[f"blk_{i}_ffn_down"](F.silu(layer[f"blk_{i}_ffn_gate"](x)) * layer[f"blk_{i}_ffn_up"](x))


def padded(x: Tensor, real: Tensor) -> Tensor:
    """(heads, N, width) of the real tokens to (heads, B, L, width), zero elsewhere."""
    out = x.new_zeros(x.shape[0], real.numel(), x.shape[-1])
    return out.index_copy(1, real.flatten().nonzero()[:, 0], x).view(x.shape[0], *real.shape, -1)
