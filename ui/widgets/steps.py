"""The steps of a run as a tree: nodes in the order they ran, sub-questions below the node that looks them up."""

from functools import lru_cache

from textual.content import Content

from ..state import MOST_STEPS, Question, RunState, StepView
from ..text import count
from ..themes import sign
from .hanging import hang
from .rows import Row, Rows


class StepsList(Rows):
    def show_run(self, view: RunState) -> None:
        self.show_new((view.steps, view.questions, view.ended), lambda: step_rows(view))


def step_rows(view: RunState) -> list[Row]:
    """Keys are step ids; a question that no step has taken up yet has the key `?text`."""
    asked = {question.text: question for question in view.questions}
    rows: list[Row] = []
    opened: set[str] = set()
    for step in view.steps.values():
        if step.label in asked:
            if step.node not in opened:
                opened.add(step.node)
                rows.append(_heading(f"={step.node}{len(rows)}", step.node))
            rows.append(_question(step.id, asked.pop(step.label), step.state == "failed"))
        else:
            opened.clear()
            rows.append(_step(step.id, step.node, step.label, step.state, _facts(step)))
    waiting = [question for question in asked.values() if question.state == "waiting" and not view.ended]
    return rows + [_question("", question, False) for question in waiting]


@lru_cache(MOST_STEPS)
def _heading(key: str, node: str) -> Row:
    return Row(key, Content.styled(f"  {node}", "$text-muted"), False)


@lru_cache(MOST_STEPS)
def _step(id: str, node: str, label: str, state: str, facts: str) -> Row:
    mark, style = sign(state)
    about = f"  {label}" if label and label != node else ""
    name = "bold" if state == "active" else ""
    return Row(id, hang((f"{mark} ", style), (node, name), (about, "$text-muted"), (facts, "$text-muted")))


@lru_cache(MOST_STEPS)
def _question(step: str, question: Question, failed: bool) -> Row:
    mark, style = sign("failed" if failed else question.state)
    found = f"  {count(question.evidence, 'quote')}"
    about = {"waiting": "", "searching": " …", "found": found, "nothing": "  nothing"}
    origin = "" if question.planned else "↻ "
    lead = Content.assemble("  ", (f"{mark} ", style))
    text = hang(lead, (origin, "$text-muted"), question.text, (about[question.state], "$text-muted"))
    return Row(step or f"?{question.text}", text, bool(step))


def _facts(step: StepView) -> str:
    if step.error:
        return f"  {step.error[:90]}"
    return f"  {step.seconds:.1f} s" if step.state == "done" and step.seconds >= 0.05 else ""
