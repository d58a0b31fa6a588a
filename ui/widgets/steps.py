"""The steps of a run as a tree: nodes in the order they ran, sub-questions below the node that looks them up."""

from textual.content import Content

from ..state import Question, RunView, Step
from ..text import count
from ..themes import sign
from .hanging import Hanging, hang
from .rows import Row, Rows


class StepsList(Rows):
    def show_run(self, view: RunView) -> None:
        self.show(step_rows(view))


def step_rows(view: RunView) -> list[Row]:
    """Keys are step ids; a question that no step has taken up yet has the key `?text`."""
    asked = {question.text: question for question in view.questions}
    rows: list[Row] = []
    opened: set[str] = set()
    for step in view.steps.values():
        if step.label in asked:
            if step.node not in opened:
                opened.add(step.node)
                rows.append(Row(f"={step.node}{len(rows)}", Content.styled(f"  {step.node}", "$text-muted"), False))
            rows.append(Row(step.id, _question(asked.pop(step.label), step)))
        else:
            opened.clear()
            rows.append(Row(step.id, _step(step)))
    waiting = [question for question in asked.values() if question.state == "waiting" and not view.ended]
    return rows + [Row(f"?{question.text}", _question(question, None), False) for question in waiting]


def _step(step: Step) -> Hanging:
    mark, style = sign(step.state)
    label = f"  {step.label}" if step.label and step.label != step.node else ""
    name = "bold" if step.state == "active" else ""
    return hang((f"{mark} ", style), (step.node, name), (label, "$text-muted"), (_facts(step), "$text-muted"))


def _question(question: Question, step: Step | None) -> Hanging:
    mark, style = sign("failed" if step and step.state == "failed" else question.state)
    about = {
        "waiting": "",
        "searching": " …",
        "found": f"  {count(question.evidence, 'quote')}",
        "nothing": "  nothing",
    }
    origin = "" if question.planned else "↻ "
    lead = Content.assemble("  ", (f"{mark} ", style))
    return hang(lead, (origin, "$text-muted"), question.text, (about[question.state], "$text-muted"))


def _facts(step: Step) -> str:
    if step.error:
        return f"  {step.error[:90]}"
    return f"  {step.seconds:.1f} s" if step.state == "done" and step.seconds >= 0.05 else ""
