"""One picture a hypothesis: what was measured, and the effect alone and among equals. The same bytes each time."""

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from .rows import CompleteRows

STYLE: Any = {
    "svg.hashsalt": "agentflow", "font.family": "DejaVu Sans", "font.size": 9, "axes.spines.top": False,
    "axes.spines.right": False, "figure.dpi": 100,
}  # fmt: skip
INK, PALE, STRONG, WRONG = "#333333", "#9db4c0", "#1f6f8b", "#c1443c"
MOST_POINTS = 1_500
LONGEST = 28


def draw(hypothesis: dict[str, Any], result: dict[str, Any], rows: CompleteRows, out: Path) -> None:
    """Writes ID.svg and ID.png."""
    effects = _effects(result)
    with plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(9, max(3.2, 0.32 * len(effects) + 1.2)), layout="constrained"
        )
        if rows.group == "number":
            _points(left, hypothesis, rows)
        elif rows.outcome == "number":
            _boxes(left, hypothesis, rows)
        else:
            _bars(left, hypothesis, rows)
        _forest(right, result["measure"], effects)
        figure.savefig(out / f"{hypothesis['id']}.svg", metadata={"Date": None, "Creator": None})
        figure.savefig(out / f"{hypothesis['id']}.png", metadata={"Software": None})
        plt.close(figure)


def _points(axes: Axes, hypothesis: dict[str, Any], rows: CompleteRows) -> None:
    step = max(1, len(rows.y) // MOST_POINTS)
    axes.plot(rows.x[::step], rows.y[::step], ".", color=PALE, markersize=4)
    slope, start = np.polyfit(rows.x, rows.y, 1)
    ends = np.array([rows.x.min(), rows.x.max()])
    axes.plot(ends, start + slope * ends, color=STRONG)
    _label(axes, hypothesis["group"], hypothesis["outcome"])


def _boxes(axes: Axes, hypothesis: dict[str, Any], rows: CompleteRows) -> None:
    codes = sorted(rows.names)
    axes.boxplot(
        [rows.y[rows.x == code] for code in codes], showfliers=False, widths=0.5, medianprops={"color": STRONG}
    )
    scatter = np.random.default_rng(0)
    for place, code in enumerate(codes, 1):
        y = rows.y[rows.x == code][: MOST_POINTS // len(codes)]
        axes.plot(place + scatter.uniform(-0.18, 0.18, len(y)), y, ".", color=PALE, markersize=3, zorder=0)
    axes.set_xticks(range(1, len(codes) + 1), [_short(rows.names[code]) for code in codes])
    _label(axes, hypothesis["group"], hypothesis["outcome"])


def _bars(axes: Axes, hypothesis: dict[str, Any], rows: CompleteRows) -> None:
    """Shares of the outcome's values in each level; of two values the one that counts."""
    codes = sorted(rows.names)
    values = [1.0] if rows.outcome == "binary" else sorted(rows.outcomes)
    base = np.zeros(len(codes))
    for place, value in enumerate(values):
        shares = np.array(
            [np.mean(rows.y[rows.x == code] == value) if (rows.x == code).any() else 0.0 for code in codes]
        )
        colour = STRONG if len(values) == 1 else plt.get_cmap("Blues")(0.25 + 0.6 * place / len(values))
        axes.bar(range(len(codes)), shares, bottom=base, width=0.5, color=colour, label=_short(rows.outcomes[value]))
        base += shares
    axes.set_xticks(range(len(codes)), [_short(rows.names[code]) for code in codes])
    axes.legend(frameon=False, title=_short(hypothesis["outcome"]))
    _label(axes, hypothesis["group"], "share of rows")


def _effects(result: dict[str, Any]) -> list[tuple[str, float, float, float, bool]]:
    """Label, effect, interval, and whether it speaks for the plain effect."""
    found = [("as measured", result["effect"], result["low"], result["high"], True)]
    items = [(f"at equal {item['column']}", item) for item in result["adjusted"]]
    items += [("at equal all of these", result["all"])] if result["all"] else []
    found += [
        (name, item["effect"], item["low"], item["high"], item["survives"])
        for name, item in items
        if item["effect"] == item["effect"]
    ]
    for part in result.get("strata", {}).get("parts", []):
        if "effect" in part:
            found.append(
                (part["level"], part["effect"], part["low"], part["high"], part["effect"] * result["effect"] > 0)
            )
    return found


def _forest(axes: Axes, measure: str, effects: list[tuple[str, float, float, float, bool]]) -> None:
    for place, (_, effect, low, high, holds) in enumerate(effects):
        colour = STRONG if holds else WRONG
        axes.plot([low, high], [place, place], color=colour)
        axes.plot([effect], [place], "o", color=colour, markersize=5)
    axes.axvline(0, color=INK, linewidth=0.6, linestyle=":")
    axes.set_yticks(range(len(effects)), [_short(label) for label, *_ in effects])
    axes.set_ylim(len(effects) - 0.5, -0.5)
    axes.set_xlabel(f"{measure}, 95 % interval")


def _label(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(_short(x))
    axes.set_ylabel(_short(y))


def _short(text: str) -> str:
    """Without the signs that matplotlib reads as formulas."""
    cut = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return cut.replace("$", r"\$")
