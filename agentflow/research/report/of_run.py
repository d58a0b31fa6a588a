"""The report of a run of the research graph, from what the run left."""

from collections.abc import Mapping
from typing import Any

from agentflow.research.report.schema import REPORTED, Findings, Report
from agentflow.runs.outcome import Outcome
from agentflow.status import RunStatus


def report_of(outcome: Outcome) -> Report | None:
    """The published contract, when the run's output is one of the research graph."""
    found = findings_of(outcome.output)
    return _report(found, outcome) if found else None


def findings_of(output: Mapping[str, Any]) -> Findings | None:
    """The output of the research graph; None for any other graph's."""
    needed = {name for name, field in Findings.model_fields.items() if field.is_required()}
    if not needed <= set(output) <= set(Findings.model_fields):
        return None
    return Findings.model_validate(output)


def research_report(outcome: Outcome, question: str) -> Report:
    """The same of a run of the research graph, also of one that ended before its report."""
    nothing = Findings(
        question=question, answer="", plan=[], claims=[], evidence=[], conflicts=[], not_found=[], support_rate=0.0, notes=[]
    )  # fmt: skip
    return _report(Findings.model_validate(outcome.output) if outcome.output else nothing, outcome)


def _report(findings: Findings, outcome: Outcome) -> Report:
    status = outcome.status if outcome.status in REPORTED else RunStatus.FAILED
    return assemble(
        findings, run=outcome.run, status=status, usage=outcome.usage, seconds=outcome.seconds, model=outcome.model,
        message=outcome.message,
    )  # fmt: skip


def assemble(findings: Findings, **facts: object) -> Report:
    """Findings of the graph with what only the engine knows: run, status, usage, seconds, model."""
    return Report.model_validate({**findings.model_dump(), **facts})
