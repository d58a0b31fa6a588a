"""A line plot as SVG, without a library: both axes logarithmic, one line a series."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 40, 55
COLOURS = ("#1f5f8b", "#b3541e", "#3b7d3b", "#7a4a9e")


class Line(NamedTuple):
    """Points (x, y), all above zero. `dashed` lines share the colour of the series with the same number."""

    points: Sequence[tuple[float, float]]
    colour: int
    dashed: bool = False


def plot(title: str, x_label: str, y_label: str, lines: Mapping[str, Line]) -> str:
    """The text of the file."""
    points = [point for line in lines.values() for point in line.points]
    (x0, x1), (y0, y1) = (_range([point[axis] for point in points]) for axis in (0, 1))

    def at(x: float, y: float) -> tuple[float, float]:
        across = math.log(x / x0) / math.log(x1 / x0)
        up = math.log(y / y0) / math.log(y1 / y0)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = [_text(LEFT, 22, title, "font-weight='bold'"), _text(LEFT, HEIGHT - 14, x_label)]
    parts.append(_text(14, TOP - 4, y_label))
    for value in _ticks(x0, x1):
        x, _ = at(value, y0)
        parts += [
            _stroke(x, TOP, x, HEIGHT - BOTTOM),
            _text(x, HEIGHT - BOTTOM + 18, f"{value:g}", "text-anchor='middle'"),
        ]
    for value in _ticks(y0, y1):
        _, y = at(x0, value)
        parts += [_stroke(LEFT, y, WIDTH - RIGHT, y), _text(LEFT - 8, y + 4, f"{value:g}", "text-anchor='end'")]
    for number, (name, line) in enumerate(lines.items()):
        colour, dash = COLOURS[line.colour], "stroke-dasharray='5 4'" if line.dashed else ""
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in line.points))
        parts.append(f"<polyline points='{places}' fill='none' stroke='{colour}' stroke-width='2' {dash}/>")
        y, x = TOP + 18 * number + 8, WIDTH - RIGHT + 12
        parts.append(f"<path d='M{x} {y}h24' stroke='{colour}' stroke-width='2' {dash}/>")
        parts.append(_text(x + 30, y + 4, name))
    body = "\n".join(parts)
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' font-family='sans-serif' font-size='12'>"
    return f"{head}\n<rect width='100%' height='100%' fill='white'/>\n{body}\n</svg>\n"


def _range(values: Sequence[float]) -> tuple[float, float]:
    return min(values) / 1.1, max(values) * 1.1


def _ticks(low: float, high: float) -> list[float]:
    steps = [step * 10.0**power for power in range(-4, 6) for step in (1, 2, 5)]
    return [step for step in steps if low <= step <= high]


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' {more}>{escape(text)}</text>"


def _stroke(x0: float, y0: float, x1: float, y1: float) -> str:
    return f"<path d='M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}' stroke='#ddd'/>"
