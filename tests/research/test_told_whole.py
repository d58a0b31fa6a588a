"""What a few words cannot answer is answered by its section, as it stands."""

from pathlib import Path

import pytest

from agentflow.research.forms.told_whole import is_stepwise, wants_section
from agentflow.status import RunStatus
from tests.research.asking import asked

PAGES = {
    "ward.md": """# Ward

## Isolation

Going in: gown, overshoes, gloves, in that order. Coming out it is the gloves first, then the gown, then the
overshoes, hands washed and then disinfected. Thermometers stay inside.

## We do not vaccinate when

- the temperature is above 39.3
- the animal is pregnant
- it had an operation in the last seven days

## Drugs

Ketamine is in the safe. Two signatures are needed.
""",
    "prices.csv": "item,price\nspaying a cat,90\nvaccinating a dog,45\n",
}


@pytest.mark.parametrize(
    ("question", "section", "steps"),
    [
        ("How do I take my gown off?", True, True),
        ("In what order do I put on the gown?", True, True),
        ("Steps for cleaning the glove box please", True, True),
        ("What do I need to bring to the desk?", True, True),
        ("Under what conditions is the fee waived?", True, True),
        ("How is the oven cleaned at the end of the week?", True, True),
        ("How is the big oven called?", True, False),
        ("Why was the dog turned back?", True, False),
        ("On what grounds did they refuse?", True, False),
        ("Which suppliers are closed on Saturdays?", False, False),
        ("What documents are asked for?", False, False),
        ("Which effects of the tablets are to be expected?", False, False),
        ("Which year was it built?", False, False),
        ("How many doses are there?", False, False),
        ("What is the price of spaying?", False, False),
        ("When is the rent due?", False, False),
        ("Who is the owner?", False, False),
    ],
)
def test_some_questions_want_more_than_a_phrase(question: str, section: bool, steps: bool) -> None:
    assert (wants_section(question), is_stepwise(question)) == (section, steps)


async def test_a_procedure_is_its_section_and_not_the_phrase_that_a_model_copies(tmp_path: Path) -> None:
    outcome, _ = await asked(
        tmp_path, PAGES, "In what order do I take gloves and gown off coming out of isolation?", "Ketamine", ()
    )
    assert outcome.output["answer"].startswith("Going in: gown") and "then disinfected" in outcome.output["answer"]
    quote = outcome.output["evidence"][0]
    text = (tmp_path / "docs" / "ward.md").read_text("utf-8")
    assert quote["quote"] in text and "## " not in quote["quote"]


async def test_a_list_stands_as_it_is_written(tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, PAGES, "Under what conditions do we not vaccinate an animal?", "Ketamine", ())
    assert "- the animal is pregnant\n- it had an operation" in outcome.output["answer"]


async def test_a_section_far_from_the_question_is_no_answer(tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, PAGES, "How do I prune the apple trees of the orchard?", "Ketamine", ())
    assert outcome.status is RunStatus.INSUFFICIENT


async def test_a_model_that_points_into_a_procedure_gets_all_of_it(tmp_path: Path) -> None:
    question, said = "In what order do I take gloves and gown off coming out of isolation?", "gloves first"
    outcome, _ = await asked(tmp_path, PAGES, question, said)
    assert outcome.output["answer"].startswith("Going in: gown") and "then disinfected" in outcome.output["answer"]


async def test_a_model_that_points_at_one_of_a_list_gets_the_list_that_is_asked_for(tmp_path: Path) -> None:
    page = "# Minutes\n\n## Inspection\n\nThe district office found four faults:\n\n1. no lid on the bin\n2. old thread in the drawer\n"
    outcome, _ = await asked(tmp_path, {"minutes.md": page}, "What did the district office find?", "no lid on the bin")
    assert outcome.output["answer"].endswith("1. no lid on the bin\n2. old thread in the drawer")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("The city was dry until 1842. Water comes to it through two tunnels. A third had been begun.", False),
        ("The hall was dry until 1842. Water is let in by the lower valve. It must be shut at night.", True),
    ],
)
async def test_of_a_story_the_models_words_are_the_answer(tmp_path: Path, text: str, whole: bool) -> None:
    said = text.split(". ")[1]
    outcome, _ = await asked(tmp_path, {"water.md": f"# Water\n\n{text}\n"}, "How is water supplied to it?", said)
    assert (outcome.output["answer"] == text) == whole and said in outcome.output["answer"]
