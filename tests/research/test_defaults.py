"""What something is by default: the value beside that word, of the line or the section that speaks of the thing."""

from pathlib import Path

import pytest

from tests.research.asking import asked

PAGE = """# Settings of the mill

## wheels

**Default:** `2`

The number of wheels that turn.

## pause

**Default:** `40`

A miller who is silent for more than this many seconds is woken.

## Options

| option | what it does |
|---|---|
| `--grain NAME` | what is ground (default: rye) |
| `--speed N` | turns a minute, defaults to 12 |

The gate opens at the `east` by default.
"""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is the default number of wheels?", "2"),
        ("Which grain is ground by default?", "rye"),
        ("What is the default speed in turns a minute?", "12"),
        ("How long may a miller be silent before he is woken?", "40 seconds"),
    ],
)
async def test_the_value_beside_default_answers(tmp_path: Path, question: str, answer: str) -> None:
    outcome, prompts = await asked(tmp_path, {"mill.md": PAGE}, question, "the landlord")
    assert (outcome.output["answer"], prompts) == (answer, 0)


async def test_the_quote_tells_what_the_value_is_of(tmp_path: Path) -> None:
    outcome, _ = await asked(tmp_path, {"mill.md": PAGE}, "What is the default number of wheels?", "the landlord")
    assert "The number of wheels that turn." in outcome.output["evidence"][0]["quote"]


@pytest.mark.parametrize(
    "question",
    ["Where do wheels turn by default?", "What is the default colour of the sails?", "How many wheels turn on Sunday?"],
)
async def test_nothing_is_told_of_another_thing(tmp_path: Path, question: str) -> None:
    outcome, prompts = await asked(tmp_path, {"mill.md": PAGE}, question, "")
    assert prompts > 0 and not outcome.output["answer"]
