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


def test_what_was_searched_for_is_told_in_whole_words() -> None:
    found = {"question": "Which policies?", "answer": "", "plan": ["Which policies?"], "claims": [], "evidence": [], "conflicts": [],
             "not_found": [{"question": "Which policies?", "tried": ["Kiel polic"]}], "support_rate": 0.0, "notes": []}  # fmt: skip
    rows = ReportRows(RunResult("r", "research", RunStatus.INSUFFICIENT, found)).rows()
    assert any("searched for: Kiel policies" in str(row.content) for row in rows)
