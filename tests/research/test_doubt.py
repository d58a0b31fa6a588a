"""Answers of a model that says something rather than nothing, and why they are not believed."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agentflow.corpus.passage import Passage, Place
from agentflow.corpus.search.rarity import Rarity
from agentflow.corpus.store import Corpus
from agentflow.research.answers.certainty import SURE, Certainty
from agentflow.research.answers.doubt import doubt, echoes, is_silent, other_version, unmet_name, unmet_number
from agentflow.research.question.kinds import of_another_kind, unfit
from tests.research.asking import asked

QUESTION = "Who repaired pump 12?"


@pytest.fixture
def rarity(tmp_path: Path) -> Iterator[Rarity]:
    with closing(Corpus.open(tmp_path / ".agentflow" / "agentflow.db", create=True)) as corpus:
        yield Rarity(corpus, QUESTION)


def passage(text: str, title: str = "Pump 12", **more: Any) -> Passage:
    return Passage(1, 1, "pumps.md", title, "", text, [], Place("pumps.md", 1), **more)


@pytest.mark.parametrize(
    ("answer", "text", "sure", "reason"),
    [
        ("Ada Osei", "Repaired by: Ada Osei", Certainty(0.0, 0.5), ""),
        ("Ada Osei", "Repaired by: Ada Osei", Certainty(0.4, 0.5), "the model itself gives 40% to there being none"),
        (
            "Ada Osei",
            "Repaired by: Ada Osei",
            Certainty(0.1, 0.5),
            "the model is not sure of it, and gives 10% to there being none",
        ),
        ("Ada Osei", "Repaired by: Ada Osei", Certainty(0.1, 0.5, agreed=True), ""),
        ("Blue", "Colour: blue", Certainty(0.0, 0.5, agreed=True), ""),
        ("Pump 12", "Repaired by: Ada Osei", SURE, "it only repeats the question"),
        ("Blue", "Colour: blue", Certainty(0.0, 0.5), "its sentence says nothing that the question asks for"),
        ("Ada Osei", "Mechanic: Ada Osei", Certainty(0.0, 0.95), ""),
        ("Ada Osei", "Repairs: Ada Osei", Certainty(0.0, 0.5), ""),
    ],
)
def test_each_reason(rarity: Rarity, answer: str, text: str, sure: Certainty, reason: str) -> None:
    assert doubt(rarity, answer, text, passage(text), sure) == reason


def test_a_passage_on_another_number_does_not_answer(rarity: Rarity) -> None:
    text = "Repaired by: Ada Osei"
    other = passage(text, "Pump 14")
    assert doubt(rarity, "Ada Osei", text, other, Certainty(0.0, 0.5)) == "its passage does not speak of pump 12"
    assert doubt(rarity, "Ada Osei", text, other, SURE)


def test_a_passage_that_one_on_this_number_names_may_answer(rarity: Rarity) -> None:
    text = "Repaired by: Ada Osei"
    log = Passage(1, 2, "log.md", "Works log", "", text, [], Place("log.md", 1))
    pump = passage("Pump 12 stands in the works log.")
    assert not doubt(rarity, "Ada Osei", text, log, SURE, [log, pump])
    assert doubt(rarity, "Ada Osei", text, log, SURE, [log, passage("Pump 14 stands in the works log.", "Pump 14")])
    assert doubt(rarity, "Ada Osei", text, log, Certainty(0.0, 0.5), [log, pump])


@pytest.mark.parametrize(
    "question", ["What are the top 5 causes?", "What happened before 1990?", "Who has more than 10 boats since 2015?"]
)
def test_a_number_that_counts_or_dates_names_no_thing(question: str) -> None:
    assert not unmet_number(question, "Waves, wind and rain.")


def test_a_number_may_stand_in_a_cell_and_a_month_names_no_thing() -> None:
    assert not unmet_number("How deep is well 7?", "well 7 619 dry")
    assert not unmet_number("Who failed in March 2021?", "On 3/4/21 Ada failed.")


def test_an_answer_may_be_one_of_the_choices_of_the_question() -> None:
    assert echoes("What is the status of the harbour plan?", "status")
    assert not echoes("Does the tower have a lamp?", "The tower has a lamp.")
    assert not echoes("Is the plan accepted, rejected or withdrawn?", "rejected")
    assert echoes("Who wrote the harbour plan?", "Title: The harbour plan")
    assert not echoes("Who was it?", "")


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        ("When was Nettle Hall opened?", "nettle hall"),
        ("Which Nettle Hall was opened in May?", "nettle hall"),
        ("Which U.S. Tower was opened?", ""),
        ("Which bells of Old Amber rang?", ""),  # a text need not name it
        ("Who opened the NT?", ""),  # a text may spell it out
        ("When was Nettle Tower opened by Ida Brandt?", ""),  # one of the names is enough
        ("Which Nettles were picked?", ""),  # of one family
        ("When was the tower opened?", ""),
        ("Nettle Hall opened when?", "nettle hall"),
        ("Nettles are picked when?", ""),  # what opens a sentence may be no name
    ],
)
def test_a_passage_that_names_none_of_the_names_asked_for_is_told(question: str, lacking: str) -> None:
    assert unmet_name(question, "Nettle Tower was opened by the mayor.") == lacking


def test_the_title_of_the_document_asked_about_is_an_echo() -> None:
    assert echoes("Who wrote the data policy?", "Kestrel data policy", "Kestrel data policy")
    assert not echoes("Who invented the saxophone?", "Adolphe Sax", "Adolphe Sax")
    assert not echoes("Who wrote the data policy?", "Kestrel", "Kestrel data policy")


@pytest.mark.parametrize(
    ("question", "is_echo"),
    [
        ('Which older plan or plans does the plan "Lamps for the pier" replace?', True),
        ('Which plan is titled "Lamps for the pier"?', False),
    ],
)
def test_the_document_asked_about_is_not_the_other_one(question: str, is_echo: bool) -> None:
    assert echoes(question, "Plan 215", "Plan 215 – Lamps for the pier") is is_echo


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("When was release 4.2.0 withdrawn?", "At noon release 3.8.2 is withdrawn.", "4.2.0"),
        ("When was release 4.2.0 withdrawn?", "Release v4.2.0 follows 3.8.2.", ""),
        ("When was release 4.2.0 withdrawn?", "It is withdrawn at noon.", ""),
        ("Who drank 3.5 litres?", "Ada drank 1.5 litres.", ""),
    ],
)
def test_what_is_told_of_another_version_is_doubted(question: str, text: str, missing: str) -> None:
    assert other_version(question, text) == missing


async def test_the_name_of_what_everything_is_about_is_no_answer(tmp_path: Path) -> None:
    pages = {f"{n}.md": f"# Room {n}\n\nThe loomflow rooms are open.\n\nStoves heat room {n}.\n" for n in range(4)}
    outcome, _ = await asked(tmp_path, pages, "Which rooms can be heated with 8 logs?", "loomflow rooms")
    assert not outcome.output["answer"]


def test_a_document_does_not_replace_itself() -> None:
    title = "Plan 215 – Lamps for the pier"
    assert echoes('Which plan supersedes the plan "Lamps for the pier"?', "Plan 215", title)
    assert not echoes("Which plan lights the pier?", "Plan 215", title)
    assert not echoes("What replaced the old pump?", "Pump 12", "Pump 12")


def test_the_number_of_something_else_is_no_document() -> None:
    title = "PEP 553 – Built-in breakpoint()"
    assert (
        of_another_kind("Which newer PEP should I read instead of PEP 553?", "3.7", "Python-Version: 3.7", title)
        == "PEP"
    )
    assert not of_another_kind("Which Python version does PEP 553 aim at?", "3.7", "Python-Version: 3.7", title)
    assert of_another_kind("Which Python version is it for?", "345", "Metadata are told in PEP 345", title) == "version"
    assert of_another_kind("Which version is it for?", "PEP 345", "Metadata are told in PEP 345", title) == "version"
    assert not of_another_kind("Which Python version is it for?", "3", "It needs Python 3 or newer", title)
    assert not of_another_kind("Which version is it for?", "12", "Since release 12 it is there", title)
    assert not of_another_kind(
        "Which chapter tells of names?", "3.2", "Chapter 3.2 tells of names.", "Chapter 3 – Names"
    )


async def test_no_line_of_code_is_a_person(tmp_path: Path) -> None:
    page = "# Weaving\n\nThe mill has a hall.\n\n```\nstart the loom now\n```\n"
    outcome, _ = await asked(tmp_path, {"weave.md": page}, "Who starts the loom?", "start the loom now")
    assert not outcome.output["answer"]


@pytest.mark.parametrize(
    ("question", "answer", "lacking"),
    [
        ("How many participants were there?", "between 18 and 25 years old", True),
        ("How many invoices are there?", "1,240.50 EUR", True),
        ("How many participants were there?", "42 students", False),
        ("How many participants were there?", "They were recruited until June 2018.", True),
        ("How many years did it take?", "3 years", False),
        ("How many euros is it?", "310.00 EUR", False),
        ("How much did it cost?", "2024-03-20", True),
        ("How long is it valid?", "until 2024-03-20", False),
        ("How long ago was it: on which date?", "2024-03-20", False),
        ("How many rooms are there?", "12 rooms for 3 days", False),
    ],
)
def test_what_is_measured_is_no_count(question: str, answer: str, lacking: bool) -> None:
    assert bool(unfit(question, answer, "")) is lacking


async def test_what_happens_is_no_word_that_an_answer_has_to_share(tmp_path: Path) -> None:
    corpus = Corpus.open(tmp_path / "agentflow.db", create=True)
    source = "Answers › What happens if a model gives broken JSON?"
    told = "It cannot: the server lets a model write only what fits."
    assert is_silent(Rarity(corpus, "What happens to a file it cannot read?"), told, source)
    assert not is_silent(Rarity(corpus, "What happens to a model?"), told, source)
