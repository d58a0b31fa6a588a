"""When a schedule is due. Times are Unix seconds; days are those of its time zone, summer time included."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agentflow.errors import AgentflowError

EVERY = re.compile(r"(\d{1,4})\s*(m|min|h|d|w)")
SECONDS = {"m": 60, "min": 60, "h": 3600}
DAYS = {"d": 1, "w": 7}
LEAST = 60  # seconds between two runs
ZONES = "zoneinfo/"


def due_after(kind: str, spec: str, zone: str, anchor: float, now: float) -> float | None:
    """The first time after `now`; None for a schedule that waits for a change.

    `anchor` is when it was made: `every 1d` comes at that time of day, `every 6h` at whole multiples from it. A time that
    summer time skips comes when the clock has jumped, one that it repeats comes once (as Debian's cron has it).
    """
    match kind:
        case "every":
            return _every(spec, ZoneInfo(zone), anchor, now)
        case "cron":
            from cronsim import CronSim

            return float(next(CronSim(spec, datetime.fromtimestamp(now, ZoneInfo(zone)))).timestamp())
    return None


def check(kind: str, spec: str, zone: str) -> None:
    """Raises AgentflowError for what cannot be read or comes too often."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise AgentflowError(f"no time zone '{zone}'", "name one like Europe/Berlin") from None
    if kind == "every":
        found = EVERY.fullmatch(spec.strip())
        if not found or int(found[1]) == 0:
            raise AgentflowError(f"--every {spec} is no period", "write 30m, 6h, 1d or 2w")
    if kind == "cron":
        from cronsim import CronSim, CronSimError

        try:
            next(CronSim(spec, datetime(2026, 1, 1, tzinfo=UTC)))
        except CronSimError as error:
            raise AgentflowError(
                f"--cron '{spec}' is no cron expression: {error}", "minute hour day month weekday: '0 9 * * MON-FRI'"
            ) from None
        except StopIteration:
            raise AgentflowError(f"--cron '{spec}' never comes", "name a day that exists") from None
        if len(spec.split()) != 5:
            raise AgentflowError(f"--cron '{spec}' has not five fields", "minute hour day month weekday")


def _every(spec: str, zone: ZoneInfo, anchor: float, now: float) -> float:
    found = EVERY.fullmatch(spec.strip())
    assert found is not None
    count, unit = int(found[1]), found[2]
    if unit in SECONDS:
        period = max(LEAST, count * SECONDS[unit])
        return anchor + period * (int((now - anchor) // period) + 1)
    step = count * DAYS[unit]
    first = datetime.fromtimestamp(anchor, zone)
    gone = (datetime.fromtimestamp(now, zone).date() - first.date()).days
    turn = max(0, gone // step - 1)
    while True:
        day = first.date() + timedelta(days=step * turn)
        due = datetime.combine(day, first.time().replace(fold=0), tzinfo=zone).timestamp()
        if due > now:
            return due
        turn += 1


def local_zone() -> str:
    """The name of this machine's time zone; UTC where it has none."""
    named = os.environ.get("TZ", "").lstrip(":")
    if not named:
        path = os.path.realpath("/etc/localtime")
        named = path.partition(ZONES)[2]
    if not named and Path("/etc/timezone").is_file():
        named = Path("/etc/timezone").read_text().strip()
    try:
        return ZoneInfo(named).key if named else "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
