"""Which version of something is needed."""

from pathlib import Path

from tests.research.asking import asked

PAGES = {
    "install.md": "# Install the loom\n\nRequirements: Shuttle 3.x >= 3.7\n\nThreads come in a box.\n",
    "news.md": "# News\n\nThe loom of the old town is at 19.6.0 since May. Shuttle was named after a bus.\n",
}


async def test_the_line_that_requires_it(tmp_path: Path) -> None:
    outcome, prompts = await asked(tmp_path, PAGES, "Which Shuttle version does the loom need?", "19.6.0")
    assert (outcome.output["answer"], prompts) == ("Requirements: Shuttle 3.x >= 3.7", 0)


async def test_a_number_of_something_else_is_none(tmp_path: Path) -> None:
    outcome, _ = await asked(
        tmp_path, {"news.md": PAGES["news.md"]}, "Which Bobbin version does the loom need?", "19.6.0"
    )
    assert not outcome.output["answer"]


async def test_a_title_that_speaks_of_support_asks_for_nothing(tmp_path: Path) -> None:
    question = 'Which Shuttle version is given in the header of "Bobbin Support"?'
    outcome, _ = await asked(
        tmp_path, PAGES | {"bobbin.md": "# Bobbin Support\n\nShuttle: 2.4\n\nA box.\n"}, question, "2.4"
    )
    assert outcome.output["answer"] == "2.4"
