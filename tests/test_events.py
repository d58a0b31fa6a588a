"""Events are the one feed: each survives a round trip through JSON."""

import json

import pytest

from agentflow import events

SAMPLES: list[events.Event] = [
    events.RunStarted(graph="research", inputs={"question": "q"}, models={"planner": "starter"}),
    events.EvidenceFound(evidence="0a1b2c3d", question="q", quote="a\nb", place="notes.md:3", relevance=0.9),
    events.ModelAnswered(
        call="r-1",
        model="starter",
        prompt_tokens=9,
        cached_tokens=4,
        completion_tokens=2,
        drafted=3,
        accepted=2,
        first_token=0.1,
        seconds=0.2,
    ),
    events.BudgetChanged(spent={"tokens": 3.0}, left={"tokens": 7.0}),
    events.Note(text="left out", level="warning"),
]


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: type(event).__name__)
def test_an_event_survives_json(event: events.Event) -> None:
    assert events.from_json(json.loads(json.dumps(event.to_json()))) == event


def test_every_kind_is_known_by_its_name() -> None:
    assert all(events.KINDS[name].__name__ == name for name in events.KINDS) and len(events.KINDS) > 15


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        events.from_json({"kind": "Surprise"})
