"""What has to be found first is asked alone, and its answer put in its place."""

from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.research.hops import FirstStep, by_words, divides
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels

PERFORMER = "When did the country of Blue Harbour's performer join the league?"


@pytest.mark.parametrize(
    ("question", "first", "then", "valid"),
    [
        (PERFORMER, "Who performed Blue Harbour?", "When did the country of #1 join the league?", True),
        (PERFORMER, "Who is the performer of Blue Harbour?", "When did #1's country join the league?", True),
        (PERFORMER, "", PERFORMER, False),
        (PERFORMER, PERFORMER, "When did #1 join the league?", False),  # all of the question is no part of it
        (PERFORMER, "Who performed Blue Harbour?", "When did the country join the league?", False),  # no gap
        (PERFORMER, "Who performed Blue Harbour?", "When did #1 begin?", False),  # the league is lost
        (PERFORMER, "Who performed Blue Harbour?", "When did #1 of Blue Harbour perform in the league?", False),
        (
            PERFORMER,
            "Which band of Oria sings on the third album?",
            "When did the country of #1 join the league?",
            False,
        ),
        ("How high is the tower?", "Which tower is high?", "How high is #1?", False),
    ],
)
def test_a_step_is_a_part_of_the_question(question: str, first: str, then: str, valid: bool) -> None:
    assert divides(question, FirstStep(first, then)) is valid


@pytest.mark.parametrize(
    ("question", "first", "then"),
    [
        ("Who led Wendle's county?", "What is Wendle's county?", "Who led #1?"),
        ("How large is the state where the airport of Oria is?", "What is the state where the airport of Oria is?", "How large is #1?"),
        ("Who rules the country Ada Moss is from?", "What is the country Ada Moss is from?", "Who rules #1?"),
        ("Who won in the country that sells Blue Tea?", "What is the country that sells Blue Tea?", "Who won in #1?"),
    ],
)  # fmt: skip
def test_a_phrase_of_the_question_s_own_may_be_found_first(question: str, first: str, then: str) -> None:
    assert by_words(question) == FirstStep(first, then) and divides(question, FirstStep(first, then))


@pytest.mark.parametrize(
    "question", ["How high is the tower?", "Who wrote the data policy?", "What is the country of Wendle?"]
)
def test_a_plain_question_has_no_such_phrase(question: str) -> None:
    assert by_words(question) is None


PAGES = {
    "blue": "# Blue Harbour\n\nBlue Harbour is a song, performed by Alma Reed.\n",
    "alma": "# Alma Reed\n\nAlma Reed is a singer from the country of Oria.\n",
    "oria": "# Oria\n\nOria joined the league in 1931.\n",
    "else": "# Leagues\n\nA league is a union of countries, and a harbour may have a league of its own.\n",
}
STEPS = {
    "What is the name of Blue Harbour's performer?": ("Who performed Blue Harbour?", "What is the name of #1?"),
    PERFORMER: ("Who performed Blue Harbour?", "When did the country of #1 join the league?"),
    "When did the country of Alma Reed join the league?": (
        "Which country is Alma Reed from?",
        "When did #1 join the league?",
    ),
}
ANSWERS = {"Who performed": "Alma Reed", "Which country": "Oria", "When did Oria": "1931"}


async def ask(root: Path, question: str) -> Outcome:
    """Its outcome by a model that takes the steps, and answers single ones."""
    docs = root / "docs"
    docs.mkdir()
    for name, text in PAGES.items():
        (docs / f"{name}.md").write_text(text)

    def reply(request: Request) -> Any:
        asked = request.messages[-1].content.rsplit("Question: ", 1)[1].strip()
        if "first" in request.schema["properties"]:  # type: ignore[index]
            first, then = STEPS.get(asked, ("", asked))
            return {"first": first, "then": then}
        answer = next((text for start, text in ANSWERS.items() if asked.startswith(start)), "")
        return {"answer": answer, "sentence": 1 if answer else 0}

    async with Engine(Project(root), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([docs])
        return await engine.run("research", {"question": question})


async def test_each_step_is_a_claim_with_its_own_quote(tmp_path: Path) -> None:
    outcome = await ask(tmp_path, PERFORMER)
    assert (outcome.status, outcome.output["answer"]) == ("answered", "1931")
    cited = [outcome.output["evidence"][claim["evidence"][0] - 1]["path"] for claim in outcome.output["claims"]]
    assert [Path(path).stem for path in cited] == ["blue", "alma", "oria"]
    assert not outcome.output["not_found"]


async def test_a_rest_that_asks_for_the_name_alone_is_answered(tmp_path: Path) -> None:
    outcome = await ask(tmp_path, "What is the name of Blue Harbour's performer?")
    assert (outcome.output["answer"], len(outcome.output["claims"])) == ("Alma Reed", 1)


async def test_an_answer_of_a_document_that_is_not_asked_about_shows_what_leads_there(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "ramsay.md").write_text(
        "# Kate Ramsay\n\nKate Ramsay is a fictional character of the soap opera Harbour Street.\n"
    )
    (docs / "street.md").write_text("# Harbour Street\n\nIt was created by Reg Watson.\n")

    def reply(request: Request) -> Any:
        lines = request.messages[-1].content.split("\n")
        number = next((int(line[1 : line.index("]")]) for line in lines if "Reg Watson" in line), 0)
        return {"answer": "Reg Watson" if number else "", "sentence": number, "first": "", "then": ""}

    async with Engine(Project(tmp_path), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([docs])
        question = "Kate Ramsay is a fictional character from a soap opera created by whom?"
        outcome = await engine.run("research", {"question": question})
    assert outcome.output["answer"] == "Reg Watson"
    cited = [outcome.output["evidence"][claim["evidence"][0] - 1]["path"] for claim in outcome.output["claims"]]
    assert [Path(path).stem for path in cited] == ["ramsay", "street"]
