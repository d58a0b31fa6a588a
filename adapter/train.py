"""Trains the adapter: `python -m adapter.train DATA.jsonl --base BASE.gguf --out RUN --minutes 80`, resumable.

AdamW, linear warm-up and decay by time; loss on answer tokens only. Every ten minutes RUN/adapter.pt is written anew.
`--from ADAPTER.gguf` begins with what that adapter knows. Frozen weights are bfloat16, the adapter's own float32.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import gguf
import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from adapter.model import Decoder, Shape

STEP_TOKENS = 1_600
LONGEST_BRANCH = 200
WARMUP = 0.05  # of the time


def weights(path: Path, dtype: torch.dtype) -> dict[str, Tensor]:
    return {
        t.name: torch.from_numpy(gguf.quants.dequantize(t.data, t.tensor_type).copy()).to(dtype)
        for t in gguf.GGUFReader(path).tensors
    }


def learnt(path: Path) -> dict[str, Tensor]:
    """The parameters of a Decoder from an adapter as `export` writes it."""
    found = {}
    for name, tensor in weights(path, torch.float32).items():
        _, block, matrix, _, side = name.split(".")  # blk.0.attn_q.weight.lora_a
        found[f"adapted.blk_{block}_{matrix}.{side[-1]}"] = tensor
    return found


class Tree:
    """The common beginning of a family, (P,), and its branches, (B, L), with the answers' places as a mask."""

    def __init__(self, examples: list[list[str]], tokenizer: PreTrainedTokenizerBase) -> None:
        prompts = [tokenizer(prompt, add_special_tokens=False)["input_ids"] for prompt, _ in examples]
        answers = [tokenizer(answer, add_special_tokens=False)["input_ids"] for _, answer in examples]
        shared = min(len(ids) for ids in prompts) - 1
        for ids in prompts:
            while ids[:shared] != prompts[0][:shared]:
                shared -= 1
        paths = [(p[shared:] + a, len(p) - shared) for p, a in zip(prompts, answers, strict=True)]
        paths = [(ids, start) for ids, start in paths if len(ids) <= LONGEST_BRANCH]
        longest = max((len(ids) for ids, _ in paths), default=0)
        self.prefix = torch.tensor(prompts[0][:shared])
        self.branches = torch.zeros(len(paths), longest, dtype=torch.long)
        self.real = torch.zeros(len(paths), longest, dtype=torch.bool)
        self.answer = torch.zeros(len(paths), longest, dtype=torch.bool)  # places whose token is to be predicted
        for row, (ids, start) in enumerate(paths):
            self.branches[row, : len(ids)] = torch.tensor(ids)
            self.real[row, : len(ids)] = True
            self.answer[row, start : len(ids)] = True

    def __len__(self) -> int:
        return len(self.prefix) + int(self.real.sum())


def trees(path: Path, tokenizer: PreTrainedTokenizerBase, longest: int, skip: int) -> Iterator[Tree]:
    while True:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if skip > 0:
                    skip -= 1
                    continue
                tree = Tree(json.loads(line)["examples"], tokenizer)
                if len(tree.branches) and len(tree) <= longest:
                    yield tree


def loss_of(model: Decoder, tree: Tree) -> tuple[Tensor, int]:
    """The summed loss of the answers' tokens, longer answers weighed less a token, and the number of answers."""
    hidden = model(tree.prefix, tree.branches, tree.real)
    ahead = torch.cat([tree.answer[:, 1:], tree.answer.new_zeros(len(tree.answer), 1)], 1)  # whose next token is wanted
    losses = F.cross_entropy(
        model.logits(hidden[ahead[tree.real]]).float(), tree.branches[tree.answer], reduction="none"
    )
    lengths = tree.answer.sum(1, keepdim=True).expand_as(tree.answer)[tree.answer]
    return (losses / lengths.float().sqrt()).sum(), len(tree.branches)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--from", dest="first", type=Path, help="an adapter of the same rank to go on from")
    parser.add_argument("--minutes", type=float, default=80)
    parser.add_argument("--rank", type=int, default=32, help="8 is much for a model of a billion parameters")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--longest", type=int, default=3_600, help="tokens of a tree; memory grows with it")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(options.base.parent, gguf_file=options.base.name)
    model = Decoder(weights(options.base, torch.bfloat16), Shape.of(options.base), options.rank, 2.0 * options.rank)
    if options.first:
        model.load_state_dict(learnt(options.first), strict=False)
    chosen = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(chosen, options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    step, read, seen, spent = 0, 0, 0, 0.0
    kept = options.out / "adapter.pt"
    if kept.exists():
        state = torch.load(kept)
        model.load_state_dict(state["adapter"])
        optimizer.load_state_dict(state["optimizer"])
        step, read, seen, spent = state["progress"]
    source = trees(options.data, tokenizer, options.longest, read)
    began, saved = time.monotonic() - spent, time.monotonic()
    total, average = options.minutes * 60, 0.0
    while (spent := time.monotonic() - began) < total:
        rate = options.rate * min(1.0, 0.1 + spent / total / WARMUP) * max(0.02, 1 - spent / total)
        for group in optimizer.param_groups:
            group["lr"] = rate
        tokens = answers = 0
        summed = 0.0
        while tokens < STEP_TOKENS:
            tree = next(source)
            read += 1
            loss, count = loss_of(model, tree)
            loss.backward()
            tokens, answers, summed = tokens + len(tree), answers + count, summed + loss.item()
        for parameter in chosen:
            parameter.grad /= answers
        torch.nn.utils.clip_grad_norm_(chosen, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step, seen = step + 1, seen + tokens
        average = summed / answers if step == 1 else 0.9 * average + 0.1 * summed / answers
        if step % 2 == 0:
            speed = seen / max(1.0, time.monotonic() - began)
            print(f"{spent / 60:6.1f} min  step {step}  {seen} tokens  {speed:.0f}/s  loss {average:.3f}", flush=True)
        if time.monotonic() - saved > 600 or step == 3:
            save(kept, model, optimizer, (step, read, seen, spent))
            saved = time.monotonic()
    save(kept, model, optimizer, (step, read, seen, spent))


def save(path: Path, model: Decoder, optimizer: torch.optim.Optimizer, progress: tuple[int, int, int, float]) -> None:
    state = {"adapter": model.state_dict(), "optimizer": optimizer.state_dict(), "progress": progress}
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


if __name__ == "__main__":
    main()
