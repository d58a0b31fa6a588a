"""Several things are asked for: the whole list that a document has of them."""

from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research.forms.enumeration import wants_list
from agentflow.research.report.markdown import render
from agentflow.research.report.of_run import assemble
from agentflow.research.report.schema import Findings
from agentflow.runs.outcome import Outcome
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels
from agentflow.usage import Usage
from tests.research.asking import asked

ROOMS = "\n".join(
    f"{number}. Room {number} looks to the {'sea' if number % 2 else 'hill'} and has its own bath."
    for number in range(1, 16)
)
PAGE = f"""# The inn of Wendle

## The three rules

The landlord wrote them.

- Boots stay at the door.
- Dogs sleep in the barn,
  horses in the stable.
- Nobody sings after *ten*.

## Prices

| room | price |
|---|---|
| attic | 3 crowns |
| hall | 5 crowns |

## House

There are fifteen rooms:

{ROOMS}

### What are the meals?

Porridge at seven. Soup at noon, and bread at nine.

The cook is Ada.
"""


async def ask(root: Path, question: str) -> tuple[Outcome, int]:
    return await asked(root, {"inn.md": PAGE}, question, "the landlord")


RULES = "- Boots stay at the door.\n- Dogs sleep in the barn,\n  horses in the stable.\n- Nobody sings after *ten*."


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What are the three rules?", f"The three rules:\n{RULES}"),
        ("Which prices are there?", "Prices:\n| room | price |\n|---|---|\n| attic | 3 crowns |\n| hall | 5 crowns |"),
        ("What are the fifteen rooms?", f"There are fifteen rooms:\n{ROOMS}"),
        (
            "Which prices does the inn have?",
            "Prices:\n| room | price |\n|---|---|\n| attic | 3 crowns |\n| hall | 5 crowns |",
        ),
        ("What are the meals?", "Porridge at seven. Soup at noon, and bread at nine."),
    ],
)
async def test_the_whole_list_answers(tmp_path: Path, question: str, answer: str) -> None:
    outcome, prompts = await ask(tmp_path, question)
    assert (outcome.output["answer"], prompts) == (answer, 0)
    quote = outcome.output["evidence"][0]["quote"]
    assert quote in PAGE
    assert answer.split("\n")[-1].strip("| ") in quote


async def test_a_list_without_marks_is_one_as_well(tmp_path: Path) -> None:
    page = "<h1>Inn</h1><h2>The rules</h2><ul><li>Boots stay out.</li><li>Dogs sleep in the barn.</li></ul>"
    (tmp_path / "inn.html").write_text(page, "utf-8")
    async with Engine(Project(tmp_path), pool=ScriptedModels(lambda _: {"answer": "", "sentence": 0})) as engine:
        await engine.ingest([tmp_path / "inn.html"])
        outcome = await engine.run("research", {"question": "What are the rules?", "depth": "quick"})
    assert outcome.output["answer"] == "The rules:\n- Boots stay out.\n- Dogs sleep in the barn."


async def test_a_list_of_something_else_does_not_answer(tmp_path: Path) -> None:
    outcome, prompts = await ask(tmp_path, "Which owners of horses are there?")
    assert prompts > 0, outcome.output["answer"]
    assert outcome.output["answer"] != f"The three rules:\n{RULES}"


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("What are the five promises?", True),
        ("Which roles are there?", True),
        ("What kinds of nodes exist?", True),
        ("Which formats are supported?", True),
        ("Which dishes does the inn offer?", True),
        ("Which formats can the old reader take?", True),
        ("Which dishes does the cook hate?", False),
        ("List the rules.", True),
        ("Name all the old rules", True),
        ("Name the rule that replaces the others.", False),
        ("What is the rule?", False),
        ("What are you?", False),
        ("Which rule is the oldest?", False),
        ("What are the differences between a run and a fork of a run?", False),
    ],
)
def test_which_questions_want_a_list(question: str, wanted: bool) -> None:
    assert wants_list(question) is wanted


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        (
            RULES,
            "- Boots stay at the door.\n- Dogs sleep in the barn, horses in the stable.\n- Nobody sings after ten.",
        ),
        ("| room | price |\n|---|---|\n| attic | 3 <b>crowns</b> |", "- attic: 3 \\<b\\>crowns\\</b\\>"),
        ("    - a: [1,\n       2]", "    - a: [1,\n       2]"),
    ],
)
def test_the_report_shows_a_list_as_one(block: str, shown: str) -> None:
    findings = Findings(
        question="Which?", answer=f"These:\n{block}", plan=[], claims=[], evidence=[], conflicts=[], not_found=[],
        support_rate=1.0, notes=[],
    )  # fmt: skip
    report = assemble(findings, run="r", status=RunStatus.ANSWERED, usage=Usage(), seconds=1.0, model="m", message="")
    assert f"**These:**\n\n{shown}\n\n---" in render(report)


METRICS = """# The lamp post

It tells the harbour how it is. These values are sent at night:

- oil left in the can
- hours it has burnt

Nothing else is told.
"""


async def test_one_item_stands_for_the_whole_list_that_is_asked_for(tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, {"lamp.md": METRICS}, "Which values are known to the harbour?", "oil left")
    assert outcome.output["answer"] == "These values are sent at night:\n- oil left in the can\n- hours it has burnt"
