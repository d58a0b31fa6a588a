"""Calendars (iCalendar, RFC 5545): each event is a row with what it is, its days and hours, its place and its notes."""

from datetime import date, datetime, timedelta
from typing import Any

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.unreadable import Unreadable

KINDS = {"VEVENT": "DTSTART", "VTODO": "DUE"}
COLUMNS = ("event", "from", "until", "place", "notes", "repeats")
MOST = 20_000  # events


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no calendar."""
    from icalendar import Calendar

    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(f"a damaged calendar ({type(error).__name__}: {error})"[:300]) from error
    found = [event for calendar in calendars for event in calendar.walk() if event.name in KINDS]
    if len(found) > MOST:
        raise Unreadable(f"{len(found):,} events are more than the limit of {MOST:,}: split it")
    flow = Flow()
    rows = sorted((row(event) for event in found), key=lambda cells: cells[1])
    columns = [at for at in range(len(COLUMNS)) if at < 2 or any(cells[at] for cells in rows)]
    for number, cells in enumerate([COLUMNS, *rows] if rows else []):
        flow.row([(" ".join(cells[at].split()), number) for at in columns], names=number == 0)
    extract = flow.extract()
    extract.title = next((str(each["X-WR-CALNAME"]) for each in calendars if "X-WR-CALNAME" in each), "")
    return extract


def row(event: Any) -> tuple[str, ...]:
    """Its cells. The day after the last one, by which a whole day ends in the file, is shown as the last."""
    start, end = when(event, KINDS[event.name]), when(event, "DTEND")
    whole_days = isinstance(end, date) and not isinstance(end, datetime)
    last = end - timedelta(days=1) if whole_days and end and end != start else end
    told = [shown(start), shown(last) if last != start else ""]
    rest = [str(event.get(name, "")).replace("|", "/") for name in ("LOCATION", "DESCRIPTION")]
    rule = event.get("RRULE")
    repeats = rule.to_ical().decode("utf-8", "replace") if rule is not None and not isinstance(rule, list) else ""
    return (str(event.get("SUMMARY", "")).replace("|", "/"), *told, *rest, repeats)


def when(event: Any, name: str) -> date | None:
    try:
        found = getattr(event.get(name), "dt", None)
    except (ValueError, AttributeError):  # what the file has there is no day
        return None
    return found if isinstance(found, date) else None


def shown(day: date | None) -> str:
    """As ISO 8601, with the hour where it has one."""
    if isinstance(day, datetime):
        return day.strftime("%Y-%m-%d %H:%M")
    return day.isoformat() if day else ""
