"""An overview: what is told of a subject, document by document, and of all that there is to read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research.overview import says_the_same, speakers, subject, summary
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels

PAGES = {
    "report.md": "# Winter report\n\nDate: 2025-03-01\n\nIce broke the winter lamps of the pier.\nIt was repaired at once.\n",
    "minutes.md": "# Minutes\n\nDate: 2024-05-01\n\nThe lamps are lit earlier in winter.\nIn winter the lamps are lit earlier.\n"
    "The board ate soup.\n",
    "list.md": "# Boats\n\nDate: 2023-01-01\n\nThe ferry carries sixty people.\n",
}


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("What do these papers say about erosion and its cost?", "erosion and its cost"),
        ("Summarise the minutes.", "the minutes"),
        ("Can you give me an overview of the battery tests?", "the battery tests"),
        ("Summarise what the papers say about tides", "tides"),
        ("Please tell me about the harbour.", "the harbour"),
        ("What does the data policy say?", "the data policy"),
        ("What are the main points of these documents?", ""),
        ("Please summarize my notes", ""),
        ("Describe when the tower was finished", None),
        ("How high is the tower?", None),
        ("Compare the tower and the mill.", None),
        ("Fassen Sie die Protokolle zusammen.", "die Protokolle"),
        ("Bitte fasse die Protokolle kurz zusammen!", "die Protokolle"),
    ],
)
def test_the_subject_is_what_the_request_is_about(question: str, about: str | None) -> None:
    assert subject(question) == about


async def told(root: Path, question: str, pages: Mapping[str, str] = PAGES, **options: Any) -> Outcome:
    (root / "docs" / "rules").mkdir(parents=True)
    (root / "models.yaml").write_text("models: {}\n")
    for name, text in pages.items():
        (root / "docs" / name).write_text(text)
    async with Engine(Project(root), pool=ScriptedModels(lambda request: {}, abilities=())) as engine:
        await engine.ingest([root / "docs"])
        return await engine.run("research", {"question": question, **options})


async def test_what_speaks_of_the_subject_is_told_once_and_nothing_else(tmp_path: Path) -> None:
    outcome = await told(tmp_path, "What do these documents say about the lamps in winter?")
    claims = [claim["text"] for claim in outcome.output["claims"]]
    assert sorted(claims) == ["Ice broke the winter lamps of the pier.", "The lamps are lit earlier in winter."]
    assert outcome.output["answer"] == " ".join(claims) and not outcome.output["not_found"]


async def test_all_there_is_begins_with_the_newest_document(tmp_path: Path) -> None:
    outcome = await told(tmp_path, "Summarise these documents.")
    assert outcome.output["answer"] == (
        "Ice broke the winter lamps of the pier. The lamps are lit earlier in winter. The ferry carries sixty people."
    )


async def test_the_one_document_that_is_meant_is_told_alone_section_by_section(tmp_path: Path) -> None:
    pages = {
        "rules/kitchen-2024-05-02.md": "# House rules\n\n## Fire\n\nThe stove is lit by the cook. Ash goes into the pit.\n\n"
        "## Water\n\nThe well is shut at night.\n",
        "rules/stable-2023-01-01.md": "# Stable rules\n\nThe rules of the house hold in the stable in May as well.\n",
    }
    outcome = await told(tmp_path, "Summarise the rules of May 2024.", pages)
    assert outcome.output["answer"] == (
        "The stove is lit by the cook. The well is shut at night. Ash goes into the pit."
    )


async def test_who_is_named_is_heard_also_in_replies(tmp_path: Path) -> None:
    interview = (
        "# Talk with Ida Brandt\n\nWhat of the tides?\n\nWe feared them more than ice.\n\nAnd the pay?\n\nNone.\n"
    )
    report = "# Report\n\nThe tides were low in the winter of the year.\n"
    outcome = await told(tmp_path, "What does Ida Brandt say about the tides?", {"talk.md": interview, "r.md": report})
    assert outcome.output["answer"] == "We feared them more than ice."


def test_who_is_to_be_heard_has_a_name() -> None:
    assert speakers("What do Ida Brandt and Olsen write about tides?") == {"ida", "brandt", "olsen"}
    assert speakers("What do these papers say about tides?") == speakers("Summarise the notes.") == set()


async def test_a_subject_that_nothing_speaks_of_is_not_found(tmp_path: Path) -> None:
    outcome = await told(tmp_path, "What do these documents say about taxes?")
    assert outcome.status == "insufficient" and outcome.output["not_found"]


def test_the_short_answer_takes_the_documents_by_turns() -> None:
    assert summary(["One.", "Two.", "Three", "Four."], ["a", "a", "b", "b"]) == "One. Three. Two."


def test_a_sentence_in_another_order_says_the_same() -> None:
    assert says_the_same("In winter the lamps are lit.", "The lamps are lit in winter, all of them.")
    assert not says_the_same("In winter the lamps are lit.", "The lamps are old.")
    assert not says_the_same("Cats sleep for four hours a day.", "Cats sleep for sixteen hours a day.")


@pytest.mark.parametrize("sentence", ["यह छोटा है।", "وہ چھوٹا ہے۔", "它很小。", 'He said "no."', "**Bold.**"])
def test_a_sentence_ends_in_every_script(sentence: str) -> None:
    assert summary([sentence], ["a"]) == sentence
    assert summary([sentence.rstrip('।۔。.*"')], ["a"]) != sentence
