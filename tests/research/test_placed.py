"""A folder or a file that a question names says which of documents alike is meant, where their text does not."""

from pathlib import Path
from typing import Any

import pytest

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.research.each_place import of_each
from agentflow.research.passages.placed import of_the_place, placed
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels

PAGES = {
    "mill-street/lease.md": "# Lease\n\nThe rent is 900 euros a month. Dogs are not allowed.\n",
    "harbour-road/lease.md": "# Lease\n\nThe rent is 1,250 euros a month. Dogs are allowed.\n",
    "board/2022/minutes.md": "# Board\n\nIda Brandt was in the chair.\n",
    "board/2023/minutes.md": "# Board\n\nPer Olsen was in the chair.\n",
    "board/budget-june.txt": "It is 15,000 euros.\n",
    "papers/Vaswani2017-AttentionAndMore.md": "# On heads\n\nThere are eight heads.\n",
    "papers/devlin_et_al_2019.md": "# On masks\n\nThere are twelve heads.\n",
    "Mühlenstraße/hausgeld.md": "# Abrechnung\n\nEs sind 310 Euro.\n",
    "clients/client-07.md": "# Fee\n\nIt is 70 euros.\n",
    "clients/client-12.md": "# Fee\n\nIt is 120 euros.\n",
    "club/2024-03-05.md": "# Evening\n\nThe fee was raised.\n",
    "club/2024-06-11.md": "# Evening\n\nThe fee was lowered.\n",
    "notes.md": "# Notes\n\nThe roof of Mill Street leaks. The keys are with Ada Moss.\n",
}


def write(root: Path, pages: dict[str, str]) -> Path:
    for name, text in pages.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
async def corpus(tmp_path: Path) -> Corpus:
    opened = Corpus.open(tmp_path / "agentflow.db", create=True)
    await ingest(opened, [write(tmp_path / "docs", PAGES)], embedder=None)
    return opened


def files(corpus: Corpus, question: str, scope: frozenset[int] | None = None) -> set[str]:
    ids = {id for place in placed(corpus, question, scope) for id in place.documents}
    return {corpus.document(id).path.removeprefix("docs/") for id in ids}


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What is the rent of Mill Street?", {"mill-street/lease.md"}),
        ("What is the rent in Harbour Road, by its lease?", {"harbour-road/lease.md"}),
        ("Who led the board in 2022?", {"board/2022/minutes.md"}),
        ("Who was in the chair in 2023?", {"board/2023/minutes.md"}),
        ("How large is the budget for June?", {"board/budget-june.txt"}),
        ("How many heads has Vaswani?", {"papers/Vaswani2017-AttentionAndMore.md"}),
        ("How many heads has the paper of Devlin et al. (2019)?", {"papers/devlin_et_al_2019.md"}),
        ("Wie hoch ist das Hausgeld in der Mühlenstraße?", {"Mühlenstraße/hausgeld.md"}),
        ("What is the fee of client 7?", {"clients/client-07.md"}),
        ("What did the club decide on 5 March 2024?", {"club/2024-03-05.md"}),
        ("What did the club decide in June 2024?", {"club/2024-06-11.md"}),
        ("What did the club decide?", {"club/2024-03-05.md", "club/2024-06-11.md"}),
        ("How long are 12 days?", set()),
        ("How much attention is paid?", set()),  # no name, and not all of it
        ("What is the rent?", set()),
        ("Who lives in the road?", {"harbour-road/lease.md"}),  # the only road
        ("What does the lease say of dogs?", set()),  # its title says as much
        ("What is in the docs?", set()),  # all are there
        ("Who led the board in 2019?", {"board/2022/minutes.md", "board/2023/minutes.md", "board/budget-june.txt"}),
    ],
)
async def test_a_folder_or_file_is_named_by_its_words(corpus: Corpus, question: str, named: set[str]) -> None:
    assert files(corpus, question) == named
    assert not files(corpus, question, frozenset())


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "What is the rent of Mill Street and Harbour Road?",
            ["What is the rent of Mill Street?", "What is the rent of Harbour Road?"],
        ),
        (
            "How high is the rent in mill street, and in harbour road?",
            ["How high is the rent in mill street?", "How high is the rent in harbour road?"],
        ),
        (
            "Compare the rents of Mill Street and Harbour Road.",
            ["What is the rents of Mill Street?", "What is the rents of Harbour Road?"],
        ),
        ("Compare Mill Street and Harbour Road.", ["Compare Mill Street and Harbour Road."]),
        ("Which costs more, Mill Street or Harbour Road?", ["Which costs more, Mill Street or Harbour Road?"]),
        (
            "What is the rent of Mill Street beside Harbour Road?",
            ["What is the rent of Mill Street beside Harbour Road?"],
        ),
    ],
)
def test_a_question_on_several_places_is_asked_of_each(question: str, asked: list[str]) -> None:
    assert of_each(question, ["mill street", "harbour road"]) == asked


async def test_what_many_documents_speak_of_is_no_name(tmp_path: Path) -> None:
    pages = {f"day{number}.md": f"# Day {number}\n\nThe garden was wet.\n" for number in range(9)}
    corpus = Corpus.open(tmp_path / "agentflow.db", create=True)
    await ingest(corpus, [write(tmp_path / "docs", {**pages, "garden/beds.md": "# Beds\n\nRoses.\n"})], embedder=None)
    assert not files(corpus, "What grows in the garden?")


async def test_passages_elsewhere_are_kept_where_they_speak_of_it(corpus: Corpus) -> None:
    passages = corpus.passages(corpus.openings(document.id for document in corpus.documents()))
    kept = of_the_place(corpus, "What is wrong with Mill Street?", passages)
    assert {passage.source for passage in kept} == {"Lease (mill street)", "Notes"}
    assert of_the_place(corpus, "Who has the keys?", passages) == passages


@pytest.mark.parametrize(
    ("question", "said", "answer"),
    [
        ("What is the rent of Mill Street?", "900 euros a month", "900 euros a month"),
        ("What is the rent of Harbour Road?", "1,250 euros a month", "1,250 euros a month"),
        ("Are dogs allowed in Mill Street?", "not allowed", "Dogs are not allowed."),
    ],
)
async def test_one_of_documents_alike_answers_and_the_other_is_no_other_side(
    tmp_path: Path, question: str, said: str, answer: str
) -> None:
    def reply(request: Request) -> dict[str, Any]:
        if "Source:" not in request.messages[-1].content:
            return {"sentence": ""}  # what to search by
        assert "Lease (" in request.messages[-1].content
        return {"answer": said, "sentence": 1}

    root = write(tmp_path, PAGES)
    (root / "models.yaml").write_text("models: {}\n")
    async with Engine(Project(root), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([root])
        outcome = await engine.run("research", {"question": question})
    assert outcome.status is RunStatus.ANSWERED and outcome.output["answer"] == answer
    assert not outcome.output["conflicts"]


async def test_a_part_that_names_no_place_asks_of_the_one_that_the_question_names(tmp_path: Path) -> None:
    root = write(tmp_path, PAGES)
    (root / "models.yaml").write_text("models: {}\n")
    async with Engine(Project(root), pool=ScriptedModels(lambda _: {"answer": "", "sentence": 1})) as engine:
        await engine.ingest([root])
        outcome = await engine.run(
            "research", {"question": "What is the rent in Mill Street, and are dogs allowed there too?"}
        )
    assert outcome.output["plan"] == ["What is the rent in Mill Street?", "Are dogs allowed there too (mill street)?"]
