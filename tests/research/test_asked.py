"""A document that asks the question itself answers it."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from agentflow.context import Context
from agentflow.corpus.parsing.chunks import chunks
from agentflow.corpus.readers import md
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research.forms.asked import document_answer
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels
from tests.research.asking import asked

PAGE = """# The ferry

## Before you board

### Do I need a ticket?

No: the ferry is free. It is paid for by the town.

### How high is the toll for 2 horses?

The toll is 4 crowns.

### How do I pay for two horses?

At the gate.

### May dogs come along?

Yes. They sit on the upper deck.

### May horses come along?

No horse may come along without a cart.

## Crew

Ada Moss steers the ferry, and Jonas Vik keeps its books.
"""


def test_a_heading_that_asks_begins_a_passage_of_its_own() -> None:
    headings = [chunk.heading.split(" › ")[-1] for chunk in chunks(md.read(PAGE))]
    assert headings == [
        "Do I need a ticket?",
        "How high is the toll for 2 horses?",
        "How do I pay for two horses?",
        "May dogs come along?",
        "May horses come along?",
        "Crew",
    ]


async def ask(root: Path, question: str) -> tuple[Outcome, int]:
    """The outcome, and how many prompts it took; the model says "the books" to everything."""
    return await asked(root, {"ferry.md": PAGE}, question, "the books")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Do I need a ticket?", "No: the ferry is free."),
        # Asked otherwise, a yes may be a no.
        ("May horses come along too?", "No horse may come along without a cart."),
        ("Will I need a ticket?", "The ferry is free."),
        ("May dogs come along?", "Yes. They sit on the upper deck."),
        ("May dogs come along too?", "They sit on the upper deck."),
        ("How do I pay for two horses?", "At the gate."),
        ("How do people pay for two horses?", "At the gate."),
    ],
)
async def test_the_document_s_own_answer_needs_no_model(tmp_path: Path, question: str, answer: str) -> None:
    outcome, prompts = await ask(tmp_path, question)
    assert (outcome.output["answer"], prompts) == (answer, 0)
    assert answer.split(". ")[-1].lower() in outcome.output["evidence"][0]["quote"].replace("\n", " ").lower()


@pytest.mark.parametrize(
    "question",
    [
        "Do I need a ticket in Wendle?",
        "Does everybody else with small horses need a ticket?",
        "May cats come along?",
        "How high is the toll for 3 horses?",
        "Who steers the ferry?",
    ],
)
async def test_a_question_about_something_else_is_read_for(tmp_path: Path, question: str) -> None:
    _, prompts = await ask(tmp_path, question)
    assert prompts > 0


async def test_a_question_in_code_is_no_question_of_the_document(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    page = "# Ask\n\n```\nask 'Do I need a ticket?'\n```\n\nThe prefix is set by a plugin.\n"
    (tmp_path / "docs" / "ask.md").write_text(page, "utf-8")
    models = ScriptedModels(lambda _: {"answer": "", "sentence": 0})
    async with Engine(Project(tmp_path), pool=models) as engine:
        await engine.ingest([tmp_path / "docs"])
        await engine.run("research", {"question": "Do I need a ticket?", "depth": "quick"})
    assert models.asked


async def test_a_heading_that_asks_the_same_is_found_beyond_what_is_shown(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for number in range(6):  # nearer by words
        (tmp_path / "more" / f"{number}.md").write_text(
            f"# Need {number}\n\nA ticket I need, need a ticket do I: {number}.\n"
        )
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ferry.md").write_text(PAGE, "utf-8")
    async with Engine(Project(tmp_path), pool=ScriptedModels(lambda _: {"answer": "", "sentence": 0})) as engine:
        await engine.ingest([tmp_path / "docs", tmp_path / "more"])
        found = await engine.search("Will I need a ticket?", k=4)
        assert not any(passage.path.endswith("ferry.md") for passage in found)
        outcome = await engine.run("research", {"question": "Will I need a ticket?", "k": 4})
    assert outcome.output["answer"] == "The ferry is free."


async def test_what_the_model_misread_there_is_no_note_of_the_report(tmp_path: Path) -> None:
    outcome, prompts = await ask(tmp_path, "How high is the toll for 2 horses?")
    assert (outcome.output["answer"], prompts, outcome.output["notes"]) == ("The toll is 4 crowns.", 1, [])


HELP = """# Help

### How do I remove a picture that I added by mistake?

`gallery drop NAME` takes it out.

### How do I use a larger frame?

`gallery frame --width 30` makes one.

### Which kinds of pictures are shown?

Paintings, prints and maps.

### Can drawings be lent?

Yes, prints and pastels as well, for a month.

### What do the coloured flags mean?

Red: the gallery is shut. Blue: a guide waits. White: prints are sold.
"""


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("How do I delete a picture from the gallery?", "gallery drop NAME"),
        ("What types of pictures are shown?", "Paintings, prints and maps."),
        ("Can pastels be lent?", "for a month"),
        ("What does the coloured flag mean when a guide waits?", "Red: the gallery is shut. Blue: a guide waits."),
    ],
)
async def test_a_question_in_other_words_is_the_same_question(tmp_path: Path, question: str, told: str) -> None:
    """By the embedder that ships; the reader is never started."""
    assert told in await by_help(tmp_path, question)


async def test_the_opposite_is_another_question(tmp_path: Path) -> None:
    assert "--width 30" not in await by_help(tmp_path, "How do I use a smaller frame?")


async def by_help(root: Path, question: str) -> str:
    (root / "docs").mkdir()
    (root / "docs" / "help.md").write_text(HELP, "utf-8")
    async with Engine(Project(root)) as engine:
        await engine.ingest([root / "docs"])
        context = SimpleNamespace(corpus=engine.corpus, searcher=engine.searcher)
        found = await document_answer(cast(Context, context), question, await engine.search(question))
    return found.text if found else ""


LONG = """# Questions

{}

### Why does the gate stay shut at night?

A thing that puzzles many is the gate. The town shuts it because wolves come down from the hill.

### Which lamps may I light?

See the page on lamps.
"""


async def ask_long(root: Path, question: str, said: str = "") -> tuple[Outcome, int]:
    many = "\n\n".join(f"### How do I mend the gate with {n} nails?\n\nWith {n} blows." for n in range(60))
    return await asked(root, {"long.md": LONG.format(many)}, question, said)


async def test_every_question_of_a_long_page_is_looked_at(tmp_path: Path) -> None:
    outcome, _ = await ask_long(tmp_path, "Why is the gate shut at night?")
    assert outcome.output["answer"] == (
        "A thing that puzzles many is the gate. The town shuts it because wolves come down from the hill."
    )


async def test_what_only_points_elsewhere_is_no_answer(tmp_path: Path) -> None:
    outcome, prompts = await ask_long(tmp_path, "Which lamps may I light?")
    assert not outcome.output["answer"] and prompts


@pytest.mark.parametrize("question", ["When does the gate stay shut at night?", "How long does the gate stay shut?"])
async def test_a_reason_is_no_day_and_no_duration(tmp_path: Path, question: str) -> None:
    outcome, prompts = await ask_long(tmp_path, question)
    assert not outcome.output["answer"] and prompts
