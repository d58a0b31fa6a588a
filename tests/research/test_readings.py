"""A model that loses its way among passages reads them together and alone; the surer reading is believed."""

from pathlib import Path
from typing import Any

import pytest

from agentflow.corpus.passage import Passage, Place
from agentflow.engine import Engine
from agentflow.models.catalog.catalog import Cluster
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.research.answers.certainty import SURE, Certainty
from agentflow.research.answers.readings import Reading, alone_first, surest
from agentflow.research.passages.shown import Shown
from agentflow.testing import ScriptedModels


def shown(text: str) -> Shown:
    return Shown([Passage(1, 1, "bell.md", "Bell", "", text, [], Place("bell.md", 1))], [])


ROWAN = shown("The old bell of Rowan Tower was cast by hand.")


def read(text: str, none: float = 0.0, begins: float = 1.0, passage: Shown = ROWAN) -> Reading:
    return Reading(passage, text, 1, Certainty(none, begins))


@pytest.mark.parametrize(
    ("together", "alone", "believed"),
    [
        (read("1958", 0.0, 0.4), [read("1963", 0.0, 0.9), read("1971", 0.1, 0.5)], "1963"),
        (read("1958", 0.0, 0.8), [read("1963", 0.0, 0.7)], "1958"),
        (read("1958", 0.0, 0.4), [read("1963", 0.9, 0.9)], "1958"),  # it most likely does not tell
        (read("1958", 0.0, 0.4), [read("the old bell", 0.0, 0.9)], "1958"),  # it only repeats the question
        (read("1958", 0.0, 0.4), [read("", 0.8, 1.0)], "1958"),
        (read(""), [read("1963", 0.0, 0.9)], ""),
        (read("1958"), [], "1958"),
        (read("the old bell", 0.0, 0.9), [read("1963", 0.0, 0.5)], "1963"),
        (
            read("1958", 0.0, 0.4),
            [read("1963", 0.0, 0.9, shown("The bell of Hazel Tower."))],
            "1958",
        ),  # of another tower
        (read("Ida Moss", 0.0, 0.9), [read("1963", 0.0, 0.5)], "1963"),  # a year is asked for
        (Reading(ROWAN, "1958", 1, SURE), [Reading(ROWAN, "1963", 1, SURE)], "1958"),  # no probabilities told
    ],
)
def test_the_surer_reading_is_believed(together: Reading, alone: list[Reading], believed: str) -> None:
    assert surest("What year was the old bell of Rowan Tower cast?", together, alone)[0].text == believed


def test_two_readings_that_say_the_same_agree() -> None:
    question = "When was the old bell of Rowan Tower cast?"
    readings = surest(question, read("In 1958", 0.1, 0.4), [read("1963"), read("in 1958.", 0.0, 0.9)])
    assert [(one.text, one.sure.agreed) for one in readings] == [("1963", False), ("in 1958.", True), ("In 1958", True)]


@pytest.mark.parametrize(
    ("first", "plain", "believed"),
    [
        (read("1958", 0.4, 0.5), read("1963", 0.0, 0.5), ["1963", "1958"]),
        (read("1958", 0.0, 0.6), read("1963", 0.0, 0.5), ["1958", "1963"]),
        (read("1958", 0.1, 0.3), read("", 0.6, 1.0), [""]),  # it says more surely that nothing tells
        (read("1958", 0.0, 0.6), read("", 0.4, 1.0), ["1958", ""]),
    ],
)
def test_of_two_readings_of_the_same_passages_the_surer_comes_first(
    first: Reading, plain: Reading, believed: list[str]
) -> None:
    assert [one.text for one in alone_first("When was the bell cast?", [first, plain], [])] == believed


@pytest.mark.parametrize(
    ("chance", "adapted", "calls"),
    [(0.5, True, 2), (0.95, True, 1), (0.5, False, 1)],  # the second is settled, the third has no adapter
)
async def test_the_weights_without_their_adapter_are_asked_where_the_first_reading_is_not_settled(
    tmp_path: Path, chance: float, adapted: bool, calls: int
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "models.yaml").write_text("models: {}\n")
    (tmp_path / "docs" / "a.md").write_text("# Wells\n\nThe well Rowan is 618 metres deep, its shaft 18 metres wide.\n")
    models = ScriptedModels(lambda _: {"answer": "18 metres", "sentence": 1}, chance=chance)
    if adapted:
        base = models.catalog.resolve("writer")
        models.catalog.models[f"{base.name}:research"] = base.model_copy(
            update={"name": f"{base.name}:research", "base": base.name}
        )
        models.catalog.roles["reader"] = Cluster(models=(f"{base.name}:research",))
    async with Engine(Project(tmp_path), pool=models) as engine:
        await engine.ingest([tmp_path / "docs"])
        outcome = await engine.run(
            "research",
            {"question": "What breadth do visitors see between the old stone rims at Rowan?", "depth": "quick"},
        )
    assert "18 metres" in outcome.output["answer"] and len(models.asked) == calls


async def prompts(root: Path, question: str, abilities: tuple[Any, ...], chance: float = 0.5) -> list[int]:
    """The number of passages in each prompt of one run on four pages about wells."""
    (root / "docs").mkdir()
    (root / "models.yaml").write_text("models: {}\n")
    for name, depth in {"Hazel": 312, "Alder": 544, "Rowan": 618, "Maple": 901}.items():
        (root / "docs" / f"{name}.md").write_text(f"# {name}\n\nThe depth of the well {name} is {depth} metres.\n")
    seen: list[int] = []

    def reply(request: Request) -> Any:
        seen.append(request.messages[-1].content.count("Source:"))
        return {"answer": "618 metres", "sentence": 1}

    async with Engine(Project(root), pool=ScriptedModels(reply, abilities=abilities, chance=chance)) as engine:
        await engine.ingest([root / "docs"])
        await engine.run("research", {"question": question, "depth": "quick"})
    return seen


async def test_a_small_model_that_is_not_sure_reads_the_nearest_again_each_alone(tmp_path: Path) -> None:
    assert sorted(await prompts(tmp_path, "What is the depth of the well Rowan?", ())) == [1, 1, 1, 1, 4]


@pytest.mark.parametrize(("abilities", "chance"), [((), 0.95), (("point",), 0.5)])
async def test_a_model_that_is_sure_or_points_reads_once(
    tmp_path: Path, abilities: tuple[Any, ...], chance: float
) -> None:
    assert await prompts(tmp_path, "What is the depth of the well Rowan?", abilities, chance) == [4]


@pytest.mark.parametrize("question", ["Why is the well Rowan so deep?", "Is the well Rowan deep?"])
async def test_what_a_whole_sentence_answers_is_read_once(tmp_path: Path, question: str) -> None:
    assert await prompts(tmp_path, question, ()) == [4]


@pytest.mark.parametrize(
    ("said", "answer"), [("Operators", "the harbour team"), ("the harbour team", "the harbour team"), ("", "")]
)
async def test_a_model_that_points_is_led_back_to_the_sentence_that_says_it_all(
    tmp_path: Path, said: str, answer: str
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "models.yaml").write_text("models: {}\n")
    (tmp_path / "docs" / "a.md").write_text("# Handbook\n\nOperators may postpone the cleaning once.\n")
    (tmp_path / "docs" / "b.md").write_text("# Policy\n\nOnly the harbour team may read the tide tables.\n")

    def reply(request: Request) -> Any:
        alone = request.messages[-1].content.count("Source:") == 1
        return {"answer": "the harbour team" if alone else said, "sentence": 1 if said else 0}

    async with Engine(Project(tmp_path), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([tmp_path / "docs"])
        outcome = await engine.run("research", {"question": "Who may read the tide tables?", "rounds": 0})
    assert outcome.output["answer"] == answer


@pytest.mark.parametrize(
    ("said", "answer"),
    [("Ida Moss", "Jonas Vik"), ("Jonas Vik", "Jonas Vik"), ("the harbour team", "the harbour team")],
)
async def test_the_document_that_is_named_is_read_alone_when_the_answer_is_neither_its_own_nor_led_to(
    tmp_path: Path, said: str, answer: str
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "models.yaml").write_text("models: {}\n")
    pages = {
        "lamps": "# Lamps for the pier\n\nAuthor: Jonas Vik\n\nThey are kept as the Tide manual says.\n",
        "ropes": "# Ropes for the barge\n\nAuthor: Ida Moss\n\nThey are old.\n",
        "tide": "# Tide manual\n\nLamps are lit as the Harbour rules say.\n",
        "rules": "# Harbour rules\n\nLamps are lit by the harbour team.\n",
    }
    for name, text in pages.items():
        (tmp_path / "docs" / f"{name}.md").write_text(text)

    def reply(request: Request) -> Any:
        alone = "Ropes" not in request.messages[-1].content
        return {"answer": "Jonas Vik" if alone else said, "sentence": 0, "first": "", "then": ""}

    async with Engine(Project(tmp_path), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([tmp_path / "docs"])
        question = "Whose work is Lamps for the pier?"
        outcome = await engine.run("research", {"question": question, "rounds": 0})
    assert outcome.output["answer"] == answer
