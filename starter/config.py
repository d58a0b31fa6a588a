"""Sizes and settings of the two models; everything a retraining needs to be the same."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = ROOT / "graphs" / "prompts"
WEIGHTS = ROOT / "starter" / "weights"
RUNS = ROOT / "starter" / "runs"  # tokenizer, shards and checkpoints; not in git
VOCABULARY = 12_288
CONTEXT = 4_096


@dataclass(frozen=True, slots=True)
class Shape:
    """A Qwen2 decoder: rotary positions, RMSNorm, SwiGLU, q/k/v biases, tied embeddings."""

    name: str
    width: int
    layers: int
    heads: int
    inner: int
    empty: int  # the last dimensions of the residual, which embeddings leave to the previous-token head
    vocabulary: int = VOCABULARY
    context: int = CONTEXT
    rope_base: float = 1_000_000.0
    norm_eps: float = 1e-6

    @property
    def head(self) -> int:
        return self.width // self.heads


STARTER = Shape("starter", width=256, layers=6, heads=4, inner=704, empty=64)
DRAFT = Shape("draft", width=128, layers=2, heads=2, inner=352, empty=32)
SHAPES = {shape.name: shape for shape in (STARTER, DRAFT)}


@dataclass(frozen=True, slots=True)
class Schedule:
    """Rates are peak values; `minutes` of wall-clock time decide where the linear decay begins and ends."""

    batch_tokens: int = 4_096
    rate: float = 5e-4
    gentle: float = 0.25  # share of the rate for embeddings and the structured heads, which faster steps destroy
    muon: float = 2.0  # share of the rate for the matrices
    decay: float = 0.1
    warmup_steps: int = 60
    cooldown: float = 0.4  # the last share of the time, linear to zero
    clip: float = 1.0
    seed: int = 20
