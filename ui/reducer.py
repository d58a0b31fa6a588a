"""Events to view state: one pure function. Any prefix of any event log gives a valid view; unknown events change nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce as fold
from itertools import groupby
from types import MappingProxyType
from typing import Any, get_args

from agentflow import events
from agentflow.events import Event
from agentflow.status import RunStatus

from . import state
from .state import ClaimView, EvidenceView, Question, RunState, StepView, Support, Task, Value
from .text import line, plain

SUPPORTS = frozenset(get_args(Support))


def reduce_all(view: RunState, batch: Iterable[Event]) -> RunState:
    """The same as `reduce` for each, but pieces of one streamed answer that follow one another go in as one."""
    for key, group in groupby(batch, key=_stream_of):
        if key is None:
            view = fold(reduce, group, view)
            continue
        pieces = [piece for piece in group if isinstance(piece, events.ModelText)]
        whole = "".join(plain(piece.text) for piece in pieces)
        view = reduce(view, replace(pieces[0], text=whole, at=max(piece.at for piece in pieces)))
        view = replace(view, events=view.events + len(pieces) - 1)
    return view


def _stream_of(event: Event) -> tuple[str, str, bool] | None:
    return (event.step, event.call, event.reasoning) if isinstance(event, events.ModelText) else None


def reduce(view: RunState, event: Event) -> RunState:
    """The view after one more event. Never raises for a well-typed event, whatever came before it."""
    view = replace(view, events=view.events + 1, now=max(view.now, event.at))
    match event:
        case events.RunStarted():
            return _run_started(view, event)
        case events.RunEnded():
            return _run_ended(view, event)
        case events.StepStarted():
            return _step_started(view, event)
        case events.StepEnded():
            return _step_ended(view, event)
        case events.PlanMade():
            return replace(view, questions=_planned(view.questions, event.questions), approval=None)
        case events.Searched():
            return _searched(view, event)
        case events.EvidenceFound():
            return _evidence_found(view, event)
        case events.ClaimMade():
            claim = ClaimView(event.claim, line(event.text), tuple(map(str, event.evidence)))
            return replace(view, claims=_with_claim(view.claims, claim))
        case events.ClaimChecked():
            support: Any = event.support if event.support in SUPPORTS else "unchecked"
            known = next((claim for claim in view.claims if claim.number == event.claim), ClaimView(event.claim, ""))
            return replace(view, claims=_with_claim(view.claims, replace(known, support=support)))
        case events.ModelCalled() | events.ModelText() | events.ModelAnswered():
            return _model(view, event)
        case events.ToolCalled():
            return _tool(view, event.step, f"→ {line(event.tool)} {line(str(event.arguments))[:300]}")
        case events.ToolReturned():
            outcome = f"failed: {line(event.error)[:300]}" if event.error else f"{event.seconds:.1f} s"
            return _tool(view, event.step, f"← {line(event.tool)} {outcome}")
        case events.ToolRefused():
            return _tool(view, event.step, f"✗ {line(event.tool)} refused: {line(event.reason)[:300]}")
        case events.ApprovalAsked():
            over = view.ended and view.status is not RunStatus.PAUSED
            return view if over else replace(view, approval=MappingProxyType(dict(event.subject)))
        case events.BudgetChanged():
            return replace(view, spent=MappingProxyType(dict(event.spent)), left=MappingProxyType(dict(event.left)))
        case events.Progress():
            task = Task(line(event.task), max(0.0, event.done), max(0.0, event.total), line(event.unit))
            return replace(view, tasks=_with(view.tasks, task.name, task, 8))
        case events.Note():
            level = "warning" if event.level == "warning" else "info"
            return replace(view, notes=(*view.notes, (level, line(event.text)))[-state.MOST_NOTES :])
        case _:
            return view


def _run_started(view: RunState, event: events.RunStarted) -> RunState:
    """A resumed run keeps what was found; a node that was cut off starts again, so nothing is active."""
    steps = {key: step for key, step in view.steps.items() if step.state != "active"}
    return replace(
        view,
        run=event.run or view.run,
        graph=line(event.graph),
        question=line(str(event.inputs.get("question", ""))) or line(event.graph),
        status=RunStatus.RUNNING,
        message="",
        started=event.at,
        now=max(event.at, view.now),
        seconds=0.0,
        steps=MappingProxyType(steps),
        calls=MappingProxyType({}),
        approval=None,
    )


def _run_ended(view: RunState, event: events.RunEnded) -> RunState:
    status = event.status
    steps = {
        key: replace(step, state="done" if status is not RunStatus.FAILED else "failed")
        if step.state == "active"
        else step
        for key, step in view.steps.items()
    }
    approval = view.approval if status is RunStatus.PAUSED else None
    return replace(
        view, status=status, seconds=max(0.0, event.seconds), message=line(event.message), approval=approval,
        steps=MappingProxyType(steps), calls=MappingProxyType({}),
    )  # fmt: skip


def _step_started(view: RunState, event: events.StepStarted) -> RunState:
    step = StepView(event.step, line(event.node), line(event.label), started=event.at)
    view = replace(view, steps=_with_step(view.steps, step))
    status = RunStatus.RUNNING if view.status is RunStatus.WAITING else view.status
    return replace(
        view, status=status, questions=_question(view.questions, step.label, state="searching", step=step.id)
    )


def _step_ended(view: RunState, event: events.StepEnded) -> RunState:
    step = view.steps.get(event.step) or StepView(event.step, line(event.node), started=event.at)
    done = replace(step, state="failed" if event.error else "done", seconds=event.seconds, error=line(event.error))
    questions = tuple(
        replace(item, state="found" if item.evidence else "nothing")
        if item.step == step.id and item.state == "searching"
        else item
        for item in view.questions
    )
    calls = {call: owner for call, owner in view.calls.items() if owner != step.id}
    return replace(view, steps=_with_step(view.steps, done), questions=questions, calls=MappingProxyType(calls))


def _searched(view: RunState, event: events.Searched) -> RunState:
    query = line(event.query)
    if all(item.text != query for item in view.questions):
        questions = (*view.questions, Question(query, planned=False))[-state.MOST_QUESTIONS :]
        view = replace(view, questions=questions)
    if (step := view.steps.get(event.step)) and not step.label:
        view = replace(view, steps=_with_step(view.steps, replace(step, label=query)))
    changes = {"state": "searching", "passages": event.passages, "step": event.step}
    return replace(view, questions=_question(view.questions, query, **changes))


def _evidence_found(view: RunState, event: events.EvidenceFound) -> RunState:
    question = line(event.question)
    shown = replace(
        event, evidence=str(event.evidence), question=question, quote=plain(event.quote)[:4_000], place=line(event.place),
        relevance=min(1.0, max(0.0, event.relevance)),
    )  # fmt: skip
    same = [known for known in view.evidence if _quote(known.found) == _quote(shown)]
    if any(known.found.question == question for known in same):
        return view  # a step that was cut off found it before
    number = same[0].number if same else max((known.number for known in view.evidence), default=0) + 1
    item = EvidenceView(number, shown)
    if step := view.steps.get(event.step):
        view = replace(view, steps=_with_step(view.steps, replace(step, evidence=step.evidence + 1)))
    asked = next((known for known in view.questions if known.text == question), Question(question))
    late = {"state": "found"} if asked.state == "nothing" else {}  # by a step after the one that searched
    return replace(
        view,
        evidence=_newest((*view.evidence, item), state.MOST_EVIDENCE),
        questions=_question(view.questions, question, evidence=asked.evidence + 1, **late),
    )


def _quote(found: events.EvidenceFound) -> tuple[str, str, str]:
    return found.evidence, found.place, found.quote


def _model(view: RunState, event: events.ModelCalled | events.ModelText | events.ModelAnswered) -> RunState:
    owner = event.step or view.calls.get(event.call, "")
    step = view.steps.get(owner)
    match event:
        case events.ModelCalled():
            view = replace(view, calls=_with(view.calls, event.call, event.step, state.MOST_CALLS))
            prompt = plain(event.prompt)[-state.TAIL :]
            changes: dict[str, Any] = {"model": line(event.model), "prompt": prompt, **_texts(step, event.call)}
        case events.ModelText():
            if step and step.call != event.call and step.call in view.calls:
                return view  # late, or another call of the same step: the screen follows one
            name = "reasoning" if event.reasoning else "text"
            texts = _texts(step, event.call)
            changes = {**texts, name: (texts[name] + plain(event.text))[-state.TAIL :]}
        case events.ModelAnswered():
            calls = {call: owner for call, owner in view.calls.items() if call != event.call}
            view = replace(view, calls=MappingProxyType(calls), meters=_metered(view.meters, event))
            changes = {"calls": step.calls + 1, "tokens": step.tokens + event.usage.tokens} if step else {}
    if not step:
        return view
    return replace(view, steps=_with_step(view.steps, replace(step, **changes)))


def _texts(step: StepView | None, call: str) -> dict[str, str]:
    """What this call has said so far; its text may be here before the word that it was made."""
    if step and step.call == call:
        return {"call": call, "text": step.text, "reasoning": step.reasoning}
    return {"call": call, "text": "", "reasoning": ""}


def _metered(meters: state.Meters, event: events.ModelAnswered) -> state.Meters:
    if event.replayed:
        return replace(meters, replayed=meters.replayed + 1)
    speeds = (*meters.speeds, event.decode_speed) if event.decode_speed else meters.speeds
    return replace(meters, usage=meters.usage + event.usage, speeds=speeds[-state.MOST_SPEEDS :])


def _tool(view: RunState, owner: str, said: str) -> RunState:
    if not (step := view.steps.get(owner)):
        return view
    return replace(view, steps=_with_step(view.steps, replace(step, tools=(*step.tools, said)[-20:])))


def _planned(before: tuple[Question, ...], texts: list[str]) -> tuple[Question, ...]:
    """The new plan in its order; what is already known of a question is kept, also of those from reflection."""
    known = {question.text: question for question in before}
    wanted = list(dict.fromkeys(line(text) for text in texts))[: state.MOST_QUESTIONS]
    plan = [replace(known.get(text) or Question(text), planned=True) for text in wanted]
    found = [item for item in before if item.text not in wanted and (item.evidence or not item.planned)]
    return (*plan, *found)[: state.MOST_QUESTIONS]


def _question(questions: tuple[Question, ...], text: str, **changes: Any) -> tuple[Question, ...]:
    """The questions with one changed; the very same tuple when none has that text."""
    if not text or all(item.text != text for item in questions):
        return questions
    return tuple(replace(item, **changes) if item.text == text else item for item in questions)


def _with_claim(claims: tuple[ClaimView, ...], claim: ClaimView) -> tuple[ClaimView, ...]:
    others = [item for item in claims if item.number != claim.number]
    return tuple(sorted([*others, claim], key=lambda item: item.number))[-state.MOST_CLAIMS :]


def _with_step(steps: Mapping[str, StepView], step: StepView) -> "MappingProxyType[str, StepView]":
    return _with(steps, step.id, step, state.MOST_STEPS)


def _with(mapping: Mapping[str, Value], key: str, value: Value, most: int) -> "MappingProxyType[str, Value]":
    """A copy with one more entry; the oldest give way when there are too many."""
    copy = {**mapping, key: value}
    return MappingProxyType(dict(_newest(tuple(copy.items()), most)) if len(copy) > most else copy)


def _newest(items: tuple[Value, ...], most: int) -> tuple[Value, ...]:
    """A quarter goes at once, so that a list on the screen is seldom rebuilt."""
    return items if len(items) <= most else items[-(most - most // 4) :]
