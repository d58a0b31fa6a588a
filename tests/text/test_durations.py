"""Spans of time."""

import pytest

from agentflow.text.durations import duration


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("within 48 hours", 48),
        ("two days", 48),
        ("three working days", 72),
        ("1.5 hours", 1.5),
        ("drei Wochen", 0),  # words for numbers are English
        ("3 Wochen", 504),
        ("30 minutes", 0.5),
        ("on 5 March", 0),
        ("12 men", 0),
        ("3 hrs", 3),
        ("90 min", 1.5),
        ("12 monthly payments", 0),
    ],
)
def test_a_span_is_told_in_hours(text: str, hours: float) -> None:
    assert duration(text) == pytest.approx(hours)
