"""Whom the newest document names for an office, not whom an older sentence calls by it."""

from pathlib import Path

import pytest

from agentflow.research.forms.office import holder, office_asked, succeeded
from tests.research.asking import asked

REPORT = "# Report\n\nDate: 2023-05-02\n\nThe harbour master, Ivo Brandt, was re-elected harbour master in April.\n"
NOTICE = "# Notice\n\nDate: 2024-06-11\n\nLena Holt takes over as harbour master on 1 July.\n"


@pytest.mark.parametrize(
    ("question", "office"),
    [
        ("Who is the treasurer?", "treasurer"),
        ("Who is our current head of the kitchen?", "head"),
        ("Can you tell me who is the night porter now?", "night porter"),
        ("Who was treasurer in 2020?", ""),
        ("Who is on call on Monday?", ""),
    ],
)
def test_an_office_is_asked_for_by_its_name(question: str, office: str) -> None:
    assert office_asked(question) == office


@pytest.mark.parametrize(
    ("office", "text", "name", "enters"),
    [
        ("bursar", "Ida Lund is elected warden, Per Olsen bursar and Ann Reed clerk.", "Per Olsen", True),
        ("clerk", "Ida Lund is elected warden, Per Olsen bursar and Ann Reed clerk.", "Ann Reed", True),
        ("fire officer", "Dr. Holt has taken over from Mr Ek as the fire officer.", "Dr. Holt", True),
        ("fire officer", "The board appointed Mara Quist as fire officer.", "Mara Quist", True),
        ("bursar", "The bursar, Ida Lund, reports a loss.", "Ida Lund", False),
        ("bursar", "Bursar: Ida Lund", "Ida Lund", False),
    ],
)
def test_a_sentence_tells_who_took_or_holds_it(office: str, text: str, name: str, enters: bool) -> None:
    assert holder(office, text) == (name, enters)


@pytest.mark.parametrize(
    "text", ["The bursar reports a loss.", "Nobody was elected.", "Per Olsen wrote to the bursar."]
)
def test_a_sentence_that_only_speaks_of_an_office_tells_of_no_holder(text: str) -> None:
    assert holder("bursar", text) is None


async def test_the_newest_document_decides_who_it_is(tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, {"a.md": REPORT, "b.md": NOTICE}, "Who is the harbour master?", "Ivo Brandt")
    assert outcome.output["answer"].startswith("Lena Holt")


@pytest.mark.parametrize(
    ("claim", "quote", "over"),
    [
        ("Ida Lund is the bursar.", "Per Olsen is elected bursar.", True),
        ("Ida Lund is the bursar.", "Ida Lund is re-elected bursar.", False),
        ("Ida Lund is the bursar.", "Per Olsen is elected warden.", False),
        ("Ida Lund is the bursar.", "Bursar: Per Olsen", False),  # which of the two holds it is not told
        ("Dr Lund is the night warden.", "Dr Olsen takes over as night warden in May.", True),
        ("Ida Lund was bursar.", "Per Olsen is elected bursar.", False),
    ],
)
def test_another_one_takes_an_office_from_whom_a_claim_gives_it(claim: str, quote: str, over: bool) -> None:
    assert succeeded(claim, quote) is over


@pytest.mark.parametrize("word", ["A", "A'", "Aa elected the ", "elected and Aa the "])
def test_a_long_run_of_names_takes_no_time(word: str) -> None:
    assert holder("bursar", word * 50_000) is None
