"""Two things are compared by what the documents tell of each, by the engine."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.research.question.comparison import PairQuestion, comparison
from agentflow.research.tables.values import Amount
from agentflow.research.two_sides import conclusion, difference, first_day, order
from agentflow.testing import ScriptedModels


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("Which bridge was built first, the Arn Bridge or Low Bridge?", "When was the Arn Bridge built?", "When was Low Bridge built?"),
        ("Which paper was started first Lind's Paper or First for Men?", "When was Lind's Paper started?", "When was First for Men started?"),
        ("Who is older, Ada Moss or Ben Carr?", "When was Ada Moss born?", "When was Ben Carr born?"),
        ("Who joined the club first, Ada or Ben?", "When was it that Ada joined the club?", "When was it that Ben joined the club?"),
        ("Which comes first, the review or the grant?", "When is the review?", "When is the grant?"),
        ("Which lease ends later, A or B?", "When is it that A ends?", "When is it that B ends?"),
        ("Which came first, Alpha or Beta?", "When was Alpha?", "When was Beta?"),
        ("Which costs more, tea or coffee?", "What is the price of tea?", "What is the price of coffee?"),
        ("Which study had more participants, Moss 2020 or Carr 2023?", "How many participants did Moss 2020 have?", "How many participants did Carr 2023 have?"),
        ("Was the mill built before the tower?", "When was the mill built?", "When was the tower built?"),
        ("How much longer is the Arn than the Wend?", "How long is the Arn?", "How long is the Wend?"),
        ("How many days are there between the kickoff and the review?", "When is the kickoff?", "When is the review?"),
        ("How many years older is Ada than Ben?", "When was Ada born?", "When was Ben born?"),
        ("Brandt or Kimura: who used more plots?", "How many plots did Brandt have?", "How many plots did Kimura have?"),
        ("Which had more members in 1910, the club or the choir?", "How many members did the club have in 1910?", "How many members did the choir have in 1910?"),
        ("Which survey went deeper, Abreu's or Tolland's?", "How deep is Abreu's survey?", "How deep is Tolland's survey?"),
        ("How much more does the oak desk cost than the pine one?", "What is the price of the oak desk?", "What is the price of the pine desk?"),
        ("Which form is due first, the ethics form or the kit one?", "When is the ethics form due?", "When is the kit form due?"),
        ("Does the lease run out before the loan one?", "When does the lease run out?", "When does the loan lease run out?"),
        ("Did we plant the apple before the pear?", "When did we plant the apple?", "When did we plant the pear?"),
        ("days between the kickoff and the review?", "When is the kickoff?", "When is the review?"),
        ("by how many kilos is Rex heavier than Tom?", "How heavy is Rex?", "How heavy is Tom?"),
        ("Which costs us more a month, the gas or the power?", "What is the price of the gas a month?", "What is the price of the power a month?"),
        ("did the club start before the choir did?", "When did the club start?", "When did the choir start?"),
        ("What is the difference between the rent of Mill Street and that of Quay House?", "What is the rent of Mill Street?", "What is the rent of Quay House?"),
    ],
)  # fmt: skip
def test_a_comparison_asks_the_same_of_both(question: str, one: str, other: str) -> None:
    found = comparison(question)
    assert found is not None and found.questions == (one, other)


@pytest.mark.parametrize(
    "question",
    [
        "What is the difference between a list and a tuple?",  # to be explained
        "Which was built first, A, B or C?",
        "Are the prizes larger or smaller than before?",
        "Who built the first bridge or tower?",
        "Which is the longest bridge?",
        "Did it work before you sold it?",
    ],
)
def test_no_other_question_is_one(question: str) -> None:
    assert comparison(question) is None


METRES = PairQuestion("difference", ("A", "B"), "How long is {}?", "amount")


@pytest.mark.parametrize(
    ("wanted", "more", "one", "other", "text"),
    [
        ("which", False, "1844", "1791", "B"),
        ("which", True, "1844", "1791", "A"),
        ("which", False, "1844", "1844-05-01", ""),  # the year does not tell
        ("which", False, "1844", "1844", ""),
        ("whether", True, "1844", "1844", "no (A: 1844; B: 1844)"),
        ("whether", False, "1791-01-02", "1844", "yes (A: 1791-01-02; B: 1844)"),
        ("difference", True, Amount(Decimal(212), "m"), Amount(Decimal(48), "m"), "164 m (A: 212 m; B: 48 m)"),
        ("difference", True, Amount(Decimal(212), "m"), Amount(Decimal(48), "ft"), ""),
        ("excess", True, Amount(Decimal(5), "m"), Amount(Decimal(3), "m"), "2 m (A: 5 m; B: 3 m)"),
        ("excess", True, Amount(Decimal(3), "m"), Amount(Decimal(5), "m"), "the other way round: 2 m (A: 3 m; B: 5 m)"),
        ("which", True, Amount(Decimal(3), "weeks"), Amount(Decimal(20), "days"), "A"),
        ("which", True, Amount(Decimal(3), "kg"), Amount(Decimal(20), "m"), ""),
    ],
)
def test_what_two_values_say(wanted: str, more: bool, one: str | Amount, other: str | Amount, text: str) -> None:
    assert conclusion(METRES._replace(wanted=wanted, more=more), one, other) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "unit", "text"),
    [
        ("2024-03-28", "2024-02-28", "", "29 days"),
        ("2024-02-28", "2024-03-28", "weeks", "4 weeks and 1 day"),
        ("1961-05-03", "1958-10-12", "years", "2 years and 6 months"),
        ("2024-01-31", "2024-03-01", "months", "1 month and 1 day"),
        ("1791", "1844", "", "53 years"),
        ("1791", "1844", "days", ""),
        ("1791", "1844-01-01", "years", ""),
    ],
)
def test_what_lies_between_two_days(one: str, other: str, unit: str, text: str) -> None:
    assert difference(one, other, unit) == text


def test_equal_values_are_in_no_order() -> None:
    assert order("1844", "1844") == 0 and order("1844", "1844-02") is None


def test_a_year_of_the_middle_ages_is_one() -> None:
    assert first_day("in 1066") == "1066" and first_day("on 14 October 1066") == "1066-10-14"


QUOTES = {
    "pellow.txt": "Pellow Building\nTotal price: £18,450\n",
    "sorensen.txt": "Sorensen Brothers\nTotal price: £17,200\n",
}


TOLD = {"of Pellow Building?": "£18,450", "of Sorensen Brothers?": "£17,200"}
DIFFERENCE = "What is the difference between the total price of Pellow Building and {}?"


async def ask(root: Path, question: str) -> dict[str, Any]:
    """Its findings by a model that answers what is asked of one of them."""
    (root / "docs").mkdir()
    for name, text in QUOTES.items():
        (root / "docs" / name).write_text(text, "utf-8")

    def reply(request: Request) -> Any:
        said = request.messages[-1].content.strip()
        answer = next((text for end, text in TOLD.items() if said.endswith(f"total price {end}")), "")
        return {"answer": answer, "sentence": 1 if answer else 0}

    async with Engine(Project(root), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([root / "docs"])
        outcome = await engine.run("research", {"question": question, "depth": "quick"})
    assert outcome.output is not None
    return outcome.output


async def test_the_difference_rests_on_a_quote_of_each(tmp_path: Path) -> None:
    said = await ask(tmp_path, DIFFERENCE.format("Sorensen Brothers"))
    assert said["answer"] == "£1,250 (Pellow Building: £18,450; Sorensen Brothers: £17,200)"
    assert {Path(quote["path"]).name for quote in said["evidence"]} == set(QUOTES)
    assert len(said["claims"][0]["evidence"]) == 2


async def test_one_side_alone_decides_nothing(tmp_path: Path) -> None:
    assert (await ask(tmp_path, DIFFERENCE.format("Marrow and Sons")))["answer"] == ""


TOWN = """# Crossings

The Arn Bridge is of stone. It was finished in 1784 by a mason, and it is 62 metres long.

The Low Bridge came later. The first cart crossed it in 1871.
"""


@pytest.mark.parametrize(("said", "text"), [("1871", "the Arn Bridge"), ("1784", "")])
async def test_a_value_counts_for_what_was_named_last(tmp_path: Path, said: str, text: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "town.md").write_text(TOWN, "utf-8")

    def reply(request: Request) -> Any:
        asked = request.messages[-1].content.strip()
        return {"answer": "1784" if asked.endswith("the Arn Bridge built?") else said, "sentence": 0}

    async with Engine(Project(tmp_path), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([tmp_path / "docs"])
        question = "Which was built first, the Arn Bridge or the Low Bridge?"
        outcome = await engine.run("research", {"question": question, "depth": "quick"})
    assert outcome.output is not None
    (note,) = [note for note in outcome.output["notes"] if "compared" in note]
    assert note.startswith("compared" if text else "not to be compared")
    assert not text or outcome.output["answer"] == text
