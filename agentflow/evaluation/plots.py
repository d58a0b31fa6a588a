"""The report's plots as SVG: a scatter of quality against cost, and intervals in rows. No script, no outside file."""

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from agentflow.evaluation.statistics import Estimate

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 520, 300, 60, 44, 16, 20
COLOURS = ("#0b6e99", "#c2571a", "#3d7d3f", "#8a4f9e", "#a3333d", "#5b5b5b", "#b08900", "#2f4b7c")


class Point(NamedTuple):
    name: str
    x: Estimate
    y: Estimate


def colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def scatter(points: Sequence[Point], x_label: str, y_label: str) -> str:
    """One dot a variant, with both 95 % intervals as whiskers. Empty when nothing can be drawn."""
    shown = [(n, p) for n, p in enumerate(points) if not math.isnan(p.x.mean) and not math.isnan(p.y.mean)]
    if not shown:
        return ""
    top_x = max(_top(p.x) for _, p in shown) * 1.05 or 1.0
    top_y = max(1.0, *(_top(p.y) for _, p in shown))
    low_y = min(0.0, *(p.y.mean for _, p in shown))

    def at(x: float, y: float) -> tuple[float, float]:
        across = LEFT + x / top_x * (WIDTH - LEFT - RIGHT)
        return across, HEIGHT - BOTTOM - (y - low_y) / (top_y - low_y) * (HEIGHT - BOTTOM - TOP)

    parts = [_axes(top_x, low_y, top_y, x_label, y_label)]
    labels: list[tuple[float, float]] = []
    for number, point in shown:
        x, y = at(point.x.mean, point.y.mean)
        ink = colour(number)
        if not math.isnan(point.y.low):
            parts.append(_line(x, at(0, point.y.low)[1], x, at(0, point.y.high)[1], ink))
        if not math.isnan(point.x.low):
            parts.append(_line(at(max(0.0, point.x.low), 0)[0], y, at(point.x.high, 0)[0], y, ink))
        anchor, shift = ("end", -8) if x > WIDTH * 0.7 else ("start", 8)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{ink}"><title>{escape(point.name)}</title></circle>'
        )
        while any(abs(x - left) < 90 and abs(y - 8 - up) < 12 for left, up in labels):
            y += 13  # a label beside another goes below it
        labels.append((x, y - 8))
        parts.append(_text(x + shift, y - 8, point.name, anchor, ink))
    return _svg(WIDTH, HEIGHT, parts, f"{y_label} against {x_label}")


def intervals(rows: Sequence[tuple[str, Sequence[Estimate]]], names: Sequence[str], label: str) -> str:
    """Rows of estimates on one axis from 0 to 1 (or the largest value): one line for each variant."""
    known = [e for _, found in rows for e in found if not math.isnan(e.mean)]
    if not known:
        return ""
    step, gap, left = 15, 12, 190
    top = max(1.0, *(_top(e) for e in known))
    height = TOP + sum(step * len(found) + gap for _, found in rows) + 30

    def across(value: float) -> float:
        return left + value / top * (WIDTH - left - RIGHT)

    parts, y = [], float(TOP)
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(_line(across(tick * top), TOP - 6, across(tick * top), height - 26, "#ddd"))
        parts.append(_text(across(tick * top), height - 12, f"{tick * top:g}", "middle"))
    for name, found in rows:
        parts.append(_text(left - 10, y + step * len(found) / 2, name[:28], "end"))
        for number, estimate in enumerate(found):
            y += step
            if math.isnan(estimate.mean):
                continue
            if not math.isnan(estimate.low):
                parts.append(_line(across(max(0.0, estimate.low)), y - 6, across(estimate.high), y - 6, colour(number)))
            title = f"{names[number]}: {estimate.mean:.3f}, n={estimate.n}"
            parts.append(
                f'<circle cx="{across(max(0.0, estimate.mean)):.1f}" cy="{y - 6:.1f}" r="4" fill="{colour(number)}">'
                f"<title>{escape(title)}</title></circle>"
            )
        y += gap
    return _svg(WIDTH, int(height), parts, label)


def _top(estimate: Estimate) -> float:
    return estimate.mean if math.isnan(estimate.high) else max(estimate.mean, estimate.high)


def _axes(top_x: float, low_y: float, top_y: float, x_label: str, y_label: str) -> str:
    floor, parts = HEIGHT - BOTTOM, []
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = LEFT + share * (WIDTH - LEFT - RIGHT)
        y = floor - share * (floor - TOP)
        parts += [_line(LEFT, y, WIDTH - RIGHT, y, "#e4e4e4"), _line(x, floor, x, floor + 4, "#777")]
        parts += [
            _text(x, floor + 17, _short(share * top_x), "middle"),
            _text(LEFT - 8, y + 4, f"{low_y + share * (top_y - low_y):.2g}", "end"),
        ]
    parts.append(_text((LEFT + WIDTH) / 2, HEIGHT - 6, x_label, "middle"))
    parts.append(
        f'<text transform="translate(14 {HEIGHT / 2:.0f}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>'
    )
    return "".join(parts)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _line(x1: float, y1: float, x2: float, y2: float, ink: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{ink}" stroke-width="1.5"/>'


def _text(x: float, y: float, text: str, anchor: str, ink: str = "currentColor") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{escape(text)}</text>'


def _svg(width: int, height: int, parts: Sequence[str], label: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
