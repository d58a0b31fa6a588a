"""What a table tells where a row and a column meet, and which of its rows."""

from pathlib import Path

import pytest

from tests.research.asking import asked

BOATS = "name,berth,length in metres,keeper\nGannet,4,9.5,Lena Holt\nPuffin,7,6.2,Ivo Brandt\nHeron,7,11,Mara Quist\n"
SHIFTS = "# Shifts\n\n| day | kitchen | bar |\n|---|---|---|\n| Monday 3 June | Ida | Per |\n| Tuesday 4 June | Ann | Ida |\n"
FAULTS = '[{"fault": 11, "what": "The pump leaks", "state": "mended"}, {"fault": 12, "what": "The lamp is dark", "state": "waiting"}]'
PAGES = {"boats.csv": BOATS, "shifts.md": SHIFTS, "faults.json": FAULTS}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who is the keeper of the Puffin?", "Ivo Brandt"),
        ("What length has the boat Gannet in metres?", "9.5 (length in metres)"),
        ("Who works at the bar on Tuesday 4 June?", "Ida"),
        ("Who is in the kitchen on Monday 3 June?", "Ida"),
    ],
)
async def test_a_cell_answers_by_its_row_and_column(question: str, answer: str, tmp_path: Path) -> None:
    outcome, prompts = await asked(tmp_path, PAGES, question, "Per")
    assert (outcome.output["answer"], prompts) == (answer, 0)


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("Which boats are in berth 7?", ["Puffin", "Heron"]),
        ("Which faults are waiting?", ["The lamp is dark"]),
        ("Which faults are not mended?", ["The lamp is dark"]),
    ],
)
async def test_the_rows_with_what_is_asked_for_are_told(question: str, held: list[str], tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, PAGES, question, "Per")
    answer = outcome.output["answer"]
    assert all(name in answer for name in held) and "Gannet" not in answer and "pump" not in answer


@pytest.mark.parametrize(
    "question",
    [
        "Who is the keeper of the Cormorant?",  # no row
        "What colour is the Puffin?",  # no column
        "Which faults are not rusty?",  # what a table does not hold
        "Who works at the bar on Sunday 9 June?",
    ],
)
async def test_no_cell_stands_for_what_no_row_or_column_names(question: str, tmp_path: Path) -> None:
    outcome, prompts = await asked(tmp_path, PAGES, question, "")
    assert prompts > 0 and not outcome.output["answer"].startswith(("Ivo", "Per", "Ida", "- "))
