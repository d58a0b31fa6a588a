"""A result as rows: what is no research report has no claims to open."""

from agentflow.bundled.ui.backend import RunResult
from agentflow.bundled.ui.report_rows import ReportRows

from agentflow.status import RunStatus

QUOTE = {"id": "0a1b2c", "text": "Data is kept.", "document": "a.md", "line": 3, "place": "a.md:3", "relevance": 1.0}


def test_the_claims_of_a_workflow_are_left_to_its_markdown() -> None:
    claims = [{"text": "Data is kept.", "support": "supported", "evidence": [QUOTE]}]
    shown = ReportRows(RunResult("r", "brief", RunStatus.DONE, {"claims": claims, "evidence": [QUOTE]}))
    assert shown.claims == [] and shown.quotes == {}
    assert [row.key for row in shown.rows()] == ["answer", "facts"]
