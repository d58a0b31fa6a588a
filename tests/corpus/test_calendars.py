"""Calendars: an event is a row, with its days as people read them."""

from pathlib import PurePath

import pytest

from agentflow.corpus.parsing.chunks import chunks
from agentflow.corpus.parsing.identity import title_of
from agentflow.corpus.readers import format_of, read
from agentflow.corpus.readers.unreadable import Unreadable

EVENTS = [
    "SUMMARY:On call: Carl Oduya\nDTSTART;VALUE=DATE:20240617\nDTEND;VALUE=DATE:20240624\nDESCRIPTION:Backup: Sunniva",
    "SUMMARY:Check out\\, Casa Bruma\nDTSTART:20240318T103000Z\nLOCATION:Rua da Bica 4\\, Lisbon | back door",
    "SUMMARY:Stand-up\nDTSTART;TZID=Europe/Lisbon:20240301T091500\nDTEND;TZID=Europe/Lisbon:20240301T093000\nRRULE:FREQ=WEEKLY;BYDAY=FR",
]
OPEN = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//made//EN\nX-WR-CALNAME:Spring\n"


def calendar(*events: str, kind: str = "VEVENT") -> bytes:
    made = "".join(f"BEGIN:{kind}\nUID:{number}@made\n{event}\nEND:{kind}\n" for number, event in enumerate(events))
    return f"{OPEN}{made}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def lines(content: bytes) -> list[str]:
    extract = read(format_of(PurePath("spring.ics"), content), content)
    return [extract.text[s.start : s.end] for chunk in chunks(extract) for s in chunk.sentences]


def test_each_event_is_a_row_in_the_order_of_days() -> None:
    assert lines(calendar(*EVENTS)) == [
        "event | from | until | place | notes | repeats",
        "Stand-up | 2024-03-01 09:15 | 2024-03-01 09:30 | | | FREQ=WEEKLY;BYDAY=FR",
        "Check out, Casa Bruma | 2024-03-18 10:30 | | Rua da Bica 4, Lisbon / back door | |",
        "On call: Carl Oduya | 2024-06-17 | 2024-06-23 | | Backup: Sunniva |",
    ]


def test_what_no_event_has_is_no_column() -> None:
    assert lines(calendar("SUMMARY:Fair\nDTSTART;VALUE=DATE:20240501")) == ["event | from", "Fair | 2024-05-01"]


def test_a_task_is_shown_with_the_day_it_is_due() -> None:
    assert lines(calendar("SUMMARY:Pay rent\nDUE;VALUE=DATE:20240531", kind="VTODO"))[1] == "Pay rent | 2024-05-31"


def test_the_calendar_is_called_by_its_own_name() -> None:
    content = calendar(*EVENTS)
    assert title_of(read(format_of(PurePath("a.ics"), content), content), PurePath("a.ics")) == "Spring"


def test_several_calendars_in_one_file() -> None:
    assert len(lines(calendar(EVENTS[0]) + calendar(EVENTS[1]))) == 3


@pytest.mark.parametrize("content", [b"no calendar at all", b"\xff\xfe\x00"])
def test_what_is_no_calendar_is_told(content: bytes) -> None:
    with pytest.raises(Unreadable, match="calendar"):
        lines(content)


@pytest.mark.parametrize(
    "event",
    ["SUMMARY:Odd\nDTSTART:someday", "SUMMARY:Odd", "SUMMARY:Odd\nDTSTART:99999999", "SUMMARY:Odd\nRRULE:FREQ=NEVER"],
)
def test_an_event_with_damaged_days_is_still_read(event: str) -> None:
    assert lines(calendar(event, EVENTS[0]))[1].startswith("Odd")
