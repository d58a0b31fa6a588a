"""The loss plot: `python -m starter.plot` draws starter/runs/NAME.pt's log as starter/loss.svg."""

import argparse
from pathlib import Path

import torch

from starter.config import ROOT, RUNS, SHAPES

WIDTH, HEIGHT, EDGE = 640, 300, 44
CURVES = (("loss", "#4c72b0"), ("verdicts", "#dd8452"), ("copied", "#55a868"))


def draw(log: list[dict[str, float]]) -> str:
    """Loss on the left axis; share of right verdicts and of right answer tokens on the right one, 0 to 1."""
    last, top = log[-1]["tokens"], max(4.0, min(row["loss"] for row in log[2:]) * 4)
    lines = []
    for place, (name, colour) in enumerate(CURVES):
        scale = top if name == "loss" else 1.0
        points = " ".join(
            f"{EDGE + row['tokens'] / last * (WIDTH - 2 * EDGE):.1f},{HEIGHT - EDGE - min(1.0, row[name] / scale) * (HEIGHT - 2 * EDGE):.1f}"
            for row in log
        )
        lines.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{points}"/>')
        lines.append(f'<text x="{EDGE + 90 * place}" y="24" fill="{colour}">{name}</text>')
    axes = (
        f'<path d="M{EDGE} {EDGE}V{HEIGHT - EDGE}H{WIDTH - EDGE}V{EDGE}" fill="none" stroke="#888"/>'
        f'<text x="{EDGE - 8}" y="{EDGE + 4}" text-anchor="end">{top:.0f}</text><text x="{EDGE - 8}" y="{HEIGHT - EDGE}" text-anchor="end">0</text>'
        f'<text x="{WIDTH - EDGE + 8}" y="{EDGE + 4}">1</text><text x="{WIDTH / 2}" y="{HEIGHT - 14}" text-anchor="middle">0 to {last / 1e6:.1f} M tokens</text>'
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">{axes}{"".join(lines)}</svg>\n'


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=SHAPES, default="starter")
    parser.add_argument("--out", type=Path, default=ROOT / "starter" / "loss.svg")
    options = parser.parse_args()
    saved = torch.load(RUNS / f"{options.model}.pt", map_location="cpu", weights_only=True)
    options.out.write_text(draw(saved["progress"]["log"]), "utf-8")
