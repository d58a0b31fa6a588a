"""The sources of a report over time, as SVG: when each was written, what it supports, and what it contradicts."""

from datetime import date
from html import escape
from typing import NamedTuple

from agentflow.research.report.schema import Report

WIDTH, LEFT, RIGHT, ROW, TOP = 720, 250, 40, 26, 34
COLOURS = {"supports": "#2b8a3e", "contradicts": "#c92a2a", "both": "#e67700", "see also": "#868e96"}
ROLES = {(True, True): "both", (True, False): "supports", (False, True): "contradicts", (False, False): "see also"}
LONGEST = 34  # characters of a title


class TimelineSource(NamedTuple):
    title: str
    day: date
    numbers: list[int]
    role: str


def sources(report: Report) -> list[TimelineSource]:
    """Those with a date, the oldest first."""
    supports = {id for claim in report.claims for id in claim.evidence}
    against = {conflict.evidence for conflict in report.conflicts}
    found: dict[str, TimelineSource] = {}
    for path in dict.fromkeys(quote.path for quote in report.evidence):
        quotes = [quote for quote in report.evidence if quote.path == path]
        ids = {quote.id for quote in quotes}
        if day := _day(quotes[0].date):
            role = ROLES[bool(ids & supports), bool(ids & against)]
            title = quotes[0].source.split(" › ")[0] or path
            found[path] = TimelineSource(title, day, sorted(ids), role)
    return sorted(found.values(), key=lambda source: (source.day, source.title))


def to_svg(report: Report, prefix: str = "") -> str:
    """Empty without a dated source. `prefix` stands before the numbers of quotes, as elsewhere in the report."""
    rows = sources(report)
    if not rows:
        return ""
    first, last = rows[0].day.toordinal(), rows[-1].day.toordinal()
    if first == last:
        first, last = first - 180, last + 180
    height = TOP + ROW * len(rows) + 30

    def x(day: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - first) / (last - first)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif" font-size="12">',
        "<title>Sources over time</title>",
    ]
    for step in range(4):
        day = first + (last - first) * step // 3
        parts.append(f'<line x1="{x(day):.1f}" x2="{x(day):.1f}" y1="{TOP - 8}" y2="{height - 26}" stroke="#ccc"/>')
        parts.append(
            f'<text x="{x(day):.1f}" y="{TOP - 14}" text-anchor="middle" fill="#888">{date.fromordinal(day)}</text>'
        )
    for place, row in enumerate(rows):
        y = TOP + ROW * place + ROW / 2
        title = row.title if len(row.title) <= LONGEST else row.title[: LONGEST - 1] + "…"
        numbers = ", ".join(f"{prefix}{number}" for number in row.numbers)
        parts.append(
            f'<text x="{LEFT - 14}" y="{y + 4}" text-anchor="end" fill="currentColor">{escape(title)} [{numbers}]</text>'
        )
        parts.append(
            f'<circle cx="{x(row.day.toordinal()):.1f}" cy="{y}" r="6" fill="{COLOURS[row.role]}">'
            f"<title>{escape(row.title)}, {row.day}: {row.role}</title></circle>"
        )
    at = LEFT
    for role in dict.fromkeys(row.role for row in rows):
        parts.append(f'<circle cx="{at}" cy="{height - 10}" r="5" fill="{COLOURS[role]}"/>')
        parts.append(f'<text x="{at + 9}" y="{height - 6}" fill="#888">{role}</text>')
        at += 100
    return "\n".join([*parts, "</svg>"]) + "\n"


def _day(text: str) -> date | None:
    """A whole date; the first day of a month or year."""
    try:
        return date.fromisoformat(text[:10] + "0001-01-01"[len(text[:10]) :] if len(text) >= 4 else "")
    except ValueError:
        return None
