"""Change logs: read only where the question is of changes, or nothing else tells."""

from pathlib import Path

import pytest

from agentflow.corpus.passage import Passage, Place
from agentflow.research.passages.changelog import asks_of_changes, tells_changes
from tests.research.asking import asked


def passage(path: str = "loom.md", heading: str = "") -> Passage:
    return Passage(1, 1, path, "The loom", heading, "Shuttles are gone.", [], Place(path, 1))


PAGES = {
    "loom.md": "# The loom\n\nThe shuttle of the loom is made of beech.\n",
    "CHANGES.md": "# History of the loom\n\n## 2.1.0 (2024-05-01)\n\nThe shuttle of the loom is made of pine.\n",
}


@pytest.mark.parametrize(
    ("heading", "tells"),
    [
        ("Version 1.2.0a1 (2018-02-11)", True), ("1.4.0", True), ("[1.0.0] - 2017-06-20", True), ("Unreleased", True),
        ("Release 4.2.0 (4 March 2024)", True), ("Django 4.2 release notes", True),
        ("3.1 Methods", False), ("Chapter 2.1", False), ("Table 2.1: 14", False), ("Changes to the contract", False),
    ],
)  # fmt: skip
def test_a_passage_under_the_number_of_a_release_tells_changes(heading: str, tells: bool) -> None:
    assert tells_changes(passage(heading=heading)) is tells


@pytest.mark.parametrize(("name", "tells"), [("docs/CHANGELOG.md", True), ("changes.rst", True), ("change.md", False)])
def test_so_does_one_of_a_document_of_that_name(name: str, tells: bool) -> None:
    assert tells_changes(passage(path=name)) is tells


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("When was the shuttle removed?", True), ("What is new in 2.1?", True), ("Since which version is it beech?", True),
        ("What is the shuttle made of?", False), ("Which Shuttle version does it need?", False), ("How do I remove a shuttle?", False),
    ],
)  # fmt: skip
def test_questions_of_changes(question: str, asks: bool) -> None:
    assert asks_of_changes(question) is asks


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which wood is the shuttle of the loom made of?", "beech"),
        ("Since when is the shuttle of the loom made of pine?", "pine"),
    ],
)
async def test_what_is_so_now_is_read_elsewhere(tmp_path: Path, question: str, answer: str) -> None:
    outcome, _ = await asked(tmp_path, PAGES, question, answer)
    assert answer in outcome.output["evidence"][0]["quote"]
    assert any("CHANGES" in quote["path"] for quote in outcome.output["evidence"]) is (answer == "pine")


async def test_where_nothing_else_tells_it_is_read(tmp_path: Path) -> None:
    outcome, _ = await asked(
        tmp_path, {"CHANGES.md": PAGES["CHANGES.md"]}, "Which wood is the shuttle made of?", "pine"
    )
    assert "pine" in outcome.output["evidence"][0]["quote"]
