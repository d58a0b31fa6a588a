"""Dates: what day, how long between, what date some days later."""

from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from agentflow.toolbox import ToolFailed

FORMS = ("%Y-%m-%d", "%d-%b-%Y", "%d %B %Y", "%B %d, %Y", "%d.%m.%Y")


class Dates(TypedDict):
    date: str
    weekday: str
    days: int


def dates(
    start: Annotated[str, Field(max_length=40, description="a date: 2001-07-05, 05-Jul-2001 or 5 July 2001")],
    end: Annotated[str, Field(max_length=40, description="a second date: days counts from start to end")] = "",
    add_days: Annotated[int, Field(ge=-4_000_000, le=4_000_000, description="days to add to start")] = 0,
) -> Dates:
    """Calculate with dates: the weekday of a date, the days between two dates, or the date some days later."""
    first = _date(start)
    try:
        result = _date(end) if end else first + timedelta(days=add_days)
    except OverflowError:
        raise ToolFailed("that date lies outside the years 1 to 9999", "add fewer days") from None
    return Dates(date=result.isoformat(), weekday=result.strftime("%A"), days=(result - first).days)


def _date(text: str) -> date:
    for form in FORMS:
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    raise ToolFailed(f"{text!r} is not a date", "write it like 2001-07-05 or 5 July 2001")
