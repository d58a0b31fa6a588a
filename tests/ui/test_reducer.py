"""The reducer alone: any prefix of any log, in any order, gives a valid and bounded view."""

from dataclasses import asdict, fields, replace
from typing import Any, get_args

import pytest
from agentflow.bundled.ui import state
from agentflow.bundled.ui.reducer import reduce, reduce_all
from agentflow.bundled.ui.state import RunState
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow import events as ev
from agentflow.events import KINDS, Event
from agentflow.status import RunStatus

TEXT = st.one_of(
    st.text(max_size=12), st.sampled_from(["a question", "s1", "s2", "plan", "supported", "running", "done"])
)
NUMBER = st.floats(-1e6, 1e9, allow_nan=False)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-5, 10**7),
    float: NUMBER,
    bool: st.booleans(),
    RunStatus: TEXT,  # as an event of another version may say it
    list[str]: st.lists(TEXT, max_size=5),
    dict[str, str]: st.dictionaries(TEXT, TEXT, max_size=3),
    dict[str, float]: st.dictionaries(st.sampled_from(["tokens", "seconds"]), NUMBER, max_size=2),
    dict[str, Any]: st.dictionaries(TEXT, TEXT, max_size=3),
}


@st.composite
def any_event(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from(sorted(KINDS.values(), key=lambda kind: kind.__name__)))
    return kind(**{field.name: draw(VALUES[field.type]) for field in fields(kind)})


def check_valid(view: RunState) -> None:
    """What every screen relies on."""
    assert isinstance(view.status, RunStatus)
    assert len(view.steps) <= state.MOST_STEPS and len(view.evidence) <= state.MOST_EVIDENCE
    assert len(view.claims) <= state.MOST_CLAIMS and len(view.questions) <= state.MOST_QUESTIONS
    assert len(view.notes) <= state.MOST_NOTES and len(view.meters.speeds) <= state.MOST_SPEEDS
    assert all(key == step.id and step.state in get_args(state.StepState) for key, step in view.steps.items())
    assert all(len(step.text) <= state.TAIL and len(step.prompt) <= state.TAIL for step in view.steps.values())
    assert not (view.ended and view.status != "paused" and view.approval)
    assert len({claim.number for claim in view.claims}) == len(view.claims)
    assert len({question.text for question in view.questions}) == len(view.questions)
    assert all(claim.support in get_args(state.Support) for claim in view.claims)
    assert all(question.state in get_args(state.QuestionState) for question in view.questions)
    assert all(0 <= item.found.relevance <= 1 for item in view.evidence)
    assert all(item.found.evidence in claim.evidence for claim in view.claims for item in view.cited(claim))
    assert view.elapsed >= 0 and 0 <= view.meters.usage.cache_rate <= 1


def test_every_prefix_of_a_recorded_run_gives_a_valid_view(log: list[Event]) -> None:
    view = RunState()
    for number, event in enumerate(log, 1):
        view = reduce(view, event)
        check_valid(view)
        assert view.events == number


@given(st.lists(any_event(), max_size=40))
@settings(max_examples=60, deadline=None)
def test_events_in_any_order_give_a_valid_view(events: list[Event]) -> None:
    view = RunState()
    for event in events:
        view = reduce(view, event)
        check_valid(view)


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_it_does_not_matter_how_a_log_is_cut_into_batches(data: st.DataObject) -> None:
    events = data.draw(st.lists(any_event(), max_size=30))
    cut = data.draw(st.integers(0, len(events)))
    whole = reduce_all(RunState(), events)
    assert reduce_all(reduce_all(RunState(), events[:cut]), events[cut:]) == whole


def test_events_survive_json_without_a_change_to_the_view(log: list[Event]) -> None:
    again = [ev.from_json(event.to_json()) for event in log]
    assert reduce_all(RunState(), again) == reduce_all(RunState(), log)


def test_the_recorded_run_ends_as_it_was_told(log: list[Event]) -> None:
    view = reduce_all(RunState(), log)
    assert view.status == "answered" and view.elapsed == 14.2 and not view.active
    assert [claim.support for claim in view.claims] == ["supported", "supported", "partial", "contradicted"]
    assert [(question.state, question.evidence) for question in view.questions] == [
        ("found", 2),
        ("found", 2),
        ("nothing", 0),
    ]
    assert view.meters.usage.prompt == 120 + 3 * 640 + 900 + 4 * 210 and view.meters.usage.acceptance == pytest.approx(
        0.66, abs=0.02
    )


def test_a_resumed_run_keeps_what_it_found_and_counts_nothing_twice(log: list[Event]) -> None:
    cut = reduce_all(RunState(), log[:60])
    resumed = reduce_all(
        cut, [ev.RunStarted(run=cut.run, graph="research", inputs={}, models={}, resumed=True), *log[1:]]
    )
    assert len(resumed.evidence) == len({item.found.quote for item in resumed.evidence})
    assert resumed.status == "answered" and len(resumed.claims) == 4


def test_claims_lead_to_their_quotes(log: list[Event]) -> None:
    view = reduce_all(RunState(), log)
    assert [[item.found.quote for item in view.cited(claim)] for claim in view.claims][::3] == [
        ["Raw sensor data is kept for 90 days and then deleted."],
        ["All raw sensor data is kept for 180 days on the primary cluster."],
    ]
    found = [event for event in log if isinstance(event, ev.EvidenceFound)]
    again = reduce(view, replace(found[0], question="the same quote for another question"))
    assert again.evidence[-1].number == view.evidence[0].number == 1
    assert len(again.cited(again.claims[0])) == 1


def test_pieces_of_a_stream_go_in_together_as_they_would_one_by_one() -> None:
    texts = ["a\x1b[", "31mb\r", "\n", "c", "\ttab", "x" * state.TAIL, "end"]
    start: list[Event] = [ev.StepStarted(step="s", node="n")]
    pieces = [ev.ModelText(step="s", call="c", text=text, reasoning=number == 3) for number, text in enumerate(texts)]
    one_by_one = RunState()
    for event in start + pieces:
        one_by_one = reduce(one_by_one, event)
    assert reduce_all(RunState(), start + pieces) == one_by_one


def test_replayed_answers_cost_nothing() -> None:
    answer = ev.ModelAnswered(call="c", model="m", prompt_tokens=10, cached_tokens=0, completion_tokens=5, drafted=0,
                              accepted=0, first_token=0.1, seconds=1.0, replayed=True)  # fmt: skip
    meters = reduce(RunState(), answer).meters
    assert (meters.usage.tokens, meters.replayed, meters.usage.calls) == (0, 1, 0)


def test_what_an_event_does_not_touch_stays_the_same_object(log: list[Event]) -> None:
    view = reduce_all(RunState(), log)
    after = reduce(view, ev.Note(text="one more"))
    kept = [field.name for field in fields(RunState) if field.name not in ("events", "now", "notes")]
    assert all(
        getattr(after, name) is getattr(view, name) or getattr(after, name) == getattr(view, name) for name in kept
    )
    assert after.steps is view.steps and after.claims is view.claims and after.evidence is view.evidence


def test_a_long_run_keeps_its_memory() -> None:
    view = RunState()
    for number in range(3_000):
        step = f"s{number}"
        view = reduce(view, ev.StepStarted(step=step, node="n"))
        view = reduce(view, ev.ModelText(step=step, call="c", text="x" * 50))
        view = reduce(
            view, ev.EvidenceFound(step=step, evidence="1", question="q", quote=str(number), place="p:1", relevance=1.0)
        )
    check_valid(view)
    assert len(str(asdict(view.meters))) < 10_000 and 100 < len(view.evidence) <= state.MOST_EVIDENCE


def test_text_of_models_cannot_act(log: list[Event]) -> None:
    view = reduce(RunState(), ev.StepStarted(step="s", node="n\x1b[31m", label="a\x1b]0;title\x07b"))
    view = reduce(view, ev.ModelText(step="s", call="c", text="one\x1b[2Jtwo\u202e"))
    assert (view.steps["s"].node, view.steps["s"].label, view.steps["s"].text) == ("n", "ab", "onetwo")


def test_the_text_of_one_call_is_not_mixed_with_anothers() -> None:
    """Streamed text comes by another way than the events of the run: a little early or late."""

    def called(call: str) -> Event:
        return ev.ModelCalled(step="s", call=call, role="writer", model="m", prompt="p")

    def text(call: str, piece: str) -> Event:
        return ev.ModelText(step="s", call=call, text=piece)

    def answered(call: str) -> Event:
        return ev.ModelAnswered(
            step="s", call=call, model="m", prompt_tokens=1, cached_tokens=0, completion_tokens=9, drafted=0, accepted=0, first_token=0.5, seconds=1.0,
        )  # fmt: skip

    started = ev.StepStarted(step="s", node="write")
    late = [started, called("a"), text("a", "A"), answered("a"), called("b"), text("a", "a"), text("b", "B")]
    early = [started, called("a"), text("a", "A"), answered("a"), text("b", "B"), called("b"), text("b", "b")]
    assert reduce_all(RunState(), late).steps["s"].text == "B"
    view = reduce_all(RunState(), early)
    assert view.steps["s"].text == "Bb"
    assert view.meters.speeds == (16.0,)


def test_a_question_answered_by_a_later_step_has_found_something() -> None:
    at: dict[str, Any] = {"run": "r", "at": 1.0}
    searched = [
        ev.PlanMade(questions=["How long?"], **at),
        ev.StepStarted(step="1", node="search", label="", **at),
        ev.Searched(step="1", query="How long?", passages=3, **at),
        ev.StepEnded(step="1", node="search", seconds=1.0, **at),
    ]
    assert reduce_all(RunState(), searched).questions[0].state == "nothing"
    found = ev.EvidenceFound(
        step="2", question="How long?", evidence="1", quote="A;3", place="a.csv:2", relevance=1.0, **at
    )
    question = reduce_all(RunState(), [*searched, found]).questions[0]
    assert (question.state, question.evidence) == ("found", 1)
