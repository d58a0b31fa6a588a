"""Streamed text reaches whoever follows, also when the run is carried a second time."""

from pathlib import Path

from agentflow.events import Event, ModelText
from agentflow.runs.live_text import LiveReader, LiveText


def stretch(path: Path, *texts: str) -> LiveText:
    live = LiveText(path)
    for text in texts:
        live(ModelText(call="c", text=text))
        live.written = min(live.written, 1e-9)  # as if time had passed
    return live


def heard(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, ModelText)]


def test_a_second_stretch_is_heard_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "r.live"
    reader = LiveReader(path)
    assert reader.news() == []
    first = stretch(path, "one", "two")
    assert heard(reader.news()) == ["one", "two"] and reader.news() == []
    first.remove()
    assert reader.news() == []
    stretch(path, "three", "four", "five")
    assert heard(reader.news()) == ["three", "four", "five"]


def test_what_a_killed_worker_left_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "r.live"
    stretch(path, "one", "two")
    reader = LiveReader(path)
    reader.news()
    stretch(path, "three")
    assert heard(reader.news()) == ["three"]
