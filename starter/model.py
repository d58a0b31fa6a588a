"""The Qwen2 decoder in PyTorch, with tree attention: a token sees its ancestors only (see starter.pack)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from starter.config import Shape


class Norm(nn.Module):
    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.eps)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.head = shape.heads, shape.head
        self.attention_norm = Norm(shape.width, shape.norm_eps)
        self.qkv = nn.Linear(shape.width, 3 * shape.width)  # rows in q | k | v order
        self.out = nn.Linear(shape.width, shape.width, bias=False)
        self.feed_norm = Norm(shape.width, shape.norm_eps)
        self.gate_up = nn.Linear(shape.width, 2 * shape.inner, bias=False)  # rows in gate | up order
        self.down = nn.Linear(shape.inner, shape.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = x.shape
        qkv = self.qkv(self.attention_norm(x)).view(batch, length, 3, self.heads, self.head).permute(2, 0, 3, 1, 4)
        q, k = rotate(qkv[0], cos, sin), rotate(qkv[1], cos, sin)
        mixed = F.scaled_dot_product_attention(q, k, qkv[2], attn_mask=mask)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        gate, up = self.gate_up(self.feed_norm(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)


class Decoder(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width, shape.norm_eps)

    def forward(self, tokens: Tensor, depth: Tensor, end: Tensor) -> Tensor:
        """tokens, depth, end: (batch, length) from starter.pack. Returns the normed states (batch, length, width)."""
        cos, sin = rotary(depth, self.shape)
        mask = ancestors(end).to(self.embedding.weight.dtype)
        x = self.embedding(tokens)
        if torch.is_autocast_enabled(x.device.type):
            x, cos, sin, mask = (t.to(torch.bfloat16) for t in (x, cos, sin, mask))
        for layer in self.layers:
            x = layer(x, cos, sin, mask)
        return self.norm(x)

    def logits(self, states: Tensor) -> Tensor:
        return F.linear(states, self.embedding.weight.to(states.dtype)).float()


def rotary(depth: Tensor, shape: Shape) -> tuple[Tensor, Tensor]:
    """(batch, 1, length, head / 2) each; the halves of a head form the pairs, as in Qwen2."""
    theta = shape.rope_base ** (-torch.arange(0, shape.head, 2, device=depth.device).float() / shape.head)
    angle = depth[:, None, :, None].float() * theta
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


def ancestors(end: Tensor) -> Tensor:
    """(batch, 1, length, length) additive mask: i sees j when j <= i < end[j], j's subtree in depth-first order."""
    index = torch.arange(end.shape[1], device=end.device)
    seen = (index[None, None, :] <= index[None, :, None]) & (index[None, :, None] < end[:, None, :])
    return torch.where(seen, 0.0, float("-inf"))[:, None]
