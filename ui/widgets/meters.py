"""One line of gauges: how fast, how much came from the cache, how many guesses held, what is left of the budget."""

from textual.content import Content

from ..state import RunState
from .label import InertLabel

BLOCKS = "▁▂▃▄▅▆▇█"
UNITS = {"tokens": "tokens", "seconds": "s", "steps": "steps", "calls": "calls", "bytes": "bytes"}


class MetersBar(InertLabel):
    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view = RunState()

    def show(self, view: RunState) -> None:
        if view.meters is not self.view.meters or view.left is not self.view.left:
            self.view = view
            self.draw()

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        self.say(gauges(self.view, self.size.width))


def gauges(view: RunState, width: int) -> Content:
    """As many as fit, the most telling first."""
    meters = view.meters
    parts = []
    if meters.speeds:
        drawn = sparkline(meters.speeds, 10 if width < 100 else 20)
        parts.append(_named("decode", f"{meters.speeds[-1]:,.0f} tok/s ", drawn))
    parts.append(_named("cache", f"{meters.usage.cache_rate:.0%} ", bar(meters.usage.cache_rate, 6)))
    if meters.usage.acceptance is not None:
        parts.append(_named("drafts", f"{meters.usage.acceptance:.0%} ", bar(meters.usage.acceptance, 6)))
    parts += [_left(view, name) for name in view.left]
    parts.append(_named("used", f"{meters.usage.tokens:,} tokens", ""))
    line = Content("")
    for part in parts:
        if line.cell_length + part.cell_length + 3 <= max(width, 40):
            line = line + ("   " if line else "") + part
    return line


def _left(view: RunState, name: str) -> Content:
    left, spent = view.left[name], view.spent.get(name, 0.0)
    share = left / (left + spent) if left + spent > 0 else 0.0
    style = "$text-error" if share < 0.1 else "$text-warning" if share < 0.3 else "$accent"
    return _named("left", f"{left:,.0f} {UNITS.get(name, name)} ", bar(share, 6), style)


def _named(name: str, value: str, drawing: str, style: str = "$accent") -> Content:
    return Content.assemble((f"{name} ", "$text-muted"), (value, "bold"), (drawing, style))


def bar(share: float, width: int) -> str:
    """`share` of 1 as a bar, to an eighth of a cell."""
    eighths = round(min(1.0, max(0.0, share)) * width * 8)
    full, part = divmod(eighths, 8)
    return ("█" * full + (" ▏▎▍▌▋▊▉"[part] if part else "")).ljust(width, "░")


def sparkline(values: tuple[float, ...], width: int) -> str:
    shown = values[-width:]
    top = max(shown, default=0.0)
    return "".join(BLOCKS[min(7, int(value / top * 7.99))] for value in shown) if top > 0 else ""
