"""Roles of several models: escalation, votes and remembered answers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentflow.models.catalog.catalog import Cluster
from agentflow.models.client.errors import ModelError
from agentflow.models.client.types import Answer, Message, ModelEvent, Request, Sampling, Text
from agentflow.models.response_cache import Answers
from agentflow.models.routing import Listen, ask_cluster, confidence
from agentflow.usage import Usage

REQUEST = Request((Message("system", "Answer."), Message("user", "Who wrote it?")), sampling=Sampling(seed=1))


def said(text: str, chance: float = 0.9, data: Any = None) -> Answer:
    words = text.split(" ")
    chances = tuple({word if i == 0 else f" {word}": float(np.log(chance)), "?": -9.0} for i, word in enumerate(words))
    return Answer(text=text, data=data, logprobs=chances, usage=Usage(10, 0, len(words)), model="x")


class Scripted:
    """`answers` by model name, taken in turn; an exception is raised."""

    def __init__(self, **answers: list[Answer | Exception]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Request]] = []
        self.told: list[str] = []
        self.heard: list[ModelEvent] = []

    async def __call__(self, name: str, request: Request, listen: Listen | None) -> Answer:
        self.asked.append((name, request))
        answer = self.answers[name].pop(0)
        if isinstance(answer, Exception):
            raise answer
        if listen:
            for word in answer.text.split():
                listen(Text(word))
        return answer

    async def run(self, **cluster: Any) -> Answer:
        return await ask_cluster(Cluster(**cluster), REQUEST, self, self.told.append, self.heard.append)


def test_confidence_is_the_geometric_mean_of_the_chosen_tokens() -> None:
    assert confidence(said("Jane Austen", 0.5)) == pytest.approx(0.5)
    assert confidence(Answer(text="no probabilities")) == 1.0


async def test_a_sure_small_model_answers_alone() -> None:
    models = Scripted(small=[said("Austen", 0.95)], big=[])
    assert (await models.run(models=("small", "big"))).text == "Austen"


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ([said("Austen", 0.2)], "unsure (confidence 0.20)"),
        ([ModelError("schema", "not JSON")], "could not answer (not JSON)"),
    ],
)
async def test_doubt_and_broken_answers_go_to_the_next_model(first: list[Any], why: str) -> None:
    models = Scripted(small=first, big=[said("Jane Austen")])
    answer = await models.run(models=("small", "big"))
    assert answer.text == "Jane Austen"
    assert why in models.told[0]


async def test_samples_that_disagree_go_to_the_next_model() -> None:
    models = Scripted(small=[said("Austen"), said("Bronte")], big=[said("Austen")])
    assert (await models.run(models=("small", "big"), samples=2)).usage.prompt == 30
    assert "2 different answers" in models.told[0]
    temperatures = {request.sampling.temperature for name, request in models.asked if name == "small"}
    seeds = {request.sampling.seed for name, request in models.asked if name == "small"}
    assert (temperatures, seeds) == ({0.7}, {1, 2})


async def test_a_vote_takes_what_most_samples_said() -> None:
    small: list[Answer | Exception] = [
        said("x", data={"answer": 1}), said("y", data={"answer": 2}), ModelError("schema", "broken"),
    ]  # fmt: skip
    models = Scripted(
        small=small, big=[said("z", data={"answer": 2}), said("u", data={"answer": 1}), said("v", data={"answer": 2})]
    )
    answer = await models.run(models=("small", "big"), strategy="vote", samples=3)
    assert answer.data == {"answer": 2}
    assert models.told == ["3 of 5 samples agree, 1 failed"]


@pytest.mark.parametrize(("sure", "heard"), [(0.95, [Text("Jane Austen")]), (0.2, [Text("Charlotte"), Text("Bronte")])])
async def test_only_the_answer_that_is_taken_is_heard(sure: float, heard: list[Text]) -> None:
    """The last model's as it is written; an earlier one's when it is chosen."""
    models = Scripted(small=[said("Jane Austen", sure)], big=[said("Charlotte Bronte")])
    await models.run(models=("small", "big"))
    assert models.heard == heard


async def test_a_vote_is_heard_once() -> None:
    models = Scripted(small=[said("a b"), said("c d"), said("a b")])
    await models.run(models=("small",), strategy="vote", samples=3)
    assert models.heard == [Text("a b")]


async def test_the_last_models_error_is_raised() -> None:
    models = Scripted(small=[ModelError("schema", "a")], big=[ModelError("schema", "b")])
    with pytest.raises(ModelError, match="b"):
        await models.run(models=("small", "big"))


def test_an_answer_is_remembered_for_the_same_request_only(tmp_path: Path) -> None:
    kept = Answers(tmp_path / "answers.db", "small v1")
    kept.keep(REQUEST, said("Austen", data={"a": 1}))
    again = kept.find(Request(REQUEST.messages, sampling=Sampling(seed=1), run="other", priority="batch"))
    assert again is not None
    assert (again.data, again.usage) == ({"a": 1}, Usage(10, 10, 0))
    assert kept.find(Request(REQUEST.messages, sampling=Sampling(seed=2))) is None
    assert Answers(tmp_path / "answers.db", "small v2").find(REQUEST) is None


def test_a_changed_source_makes_a_remembered_answer_unusable(tmp_path: Path) -> None:
    from dataclasses import replace

    kept = Answers(tmp_path / "answers.db", "small")
    before = replace(REQUEST, sources=("hash of the document",))
    vector = np.array([1.0, 0.0], np.float32)
    kept.keep(before, said("Austen"), vector)
    asked_otherwise = replace(before, messages=(before.messages[0], Message("user", "Who is the author?")))
    near = np.array([0.99, 0.14], np.float32)
    assert kept.find_similar(asked_otherwise, near, 0.97) is not None
    assert kept.find_similar(asked_otherwise, near, 0.999) is None
    assert kept.find_similar(replace(asked_otherwise, sources=("another hash",)), near, 0.97) is None


def test_a_prompt_with_other_evidence_has_other_sources() -> None:
    from agentflow.context import quoted

    asked = {"question": "Who wrote Emma?", "evidence": [{"number": 1, "quote": "Austen wrote Emma."}]}
    same = quoted({**asked, "question": "Who is the author of Emma?"})
    assert same and same == quoted(asked)
    assert quoted({**asked, "evidence": [{"number": 1, "quote": "Emma was written by Austen."}]}) != same
