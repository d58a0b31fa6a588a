"""The leaderboard's rules: gold answers score 1, and each way to be wrong scores 0."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agentflow.agent.loop import moves, narrow
from agentflow.engine import Engine
from agentflow.evaluation.bfcl import matches
from agentflow.evaluation.evaluate import evaluate
from agentflow.evaluation.summary import summarise
from agentflow.models.client.errors import Malformed
from agentflow.models.client.types import Answer, Request, Sampling
from agentflow.models.client.yes_or_no import chance_of_yes
from agentflow.project import Project
from agentflow.prompts import load_prompt
from agentflow.testing import ScriptedModels
from agentflow.toolbox.tool import shown
from tests.evaluation.sums import engine_with

HERE = Path(__file__).parents[2]
SAMPLE = HERE / "evals" / "samples" / "tool_calls.jsonl"
SETS = sorted((HERE / ".." / "shared" / "data" / "tools" / "bfcl").glob("*.jsonl"))

AREA = {
    "name": "area",
    "parameters": {
        "type": "dict",
        "properties": {
            "width": {"type": "float"},
            "unit": {"type": "string"},
            "sides": {"type": "array", "items": {"type": "integer"}},
            "at": {"type": "dict", "properties": {}},
        },
        "required": ["width"],
    },
}
GOLD = [
    {
        "area": {
            "width": [4.0],
            "unit": ["Square Metres", ""],
            "sides": [[1, 2], ""],
            "at": [{"x": [1], "y": [2, ""]}, ""],
        }
    }
]


def gold_calls(row: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The first accepted value of each argument; those that may be left out are."""
    required = {function["name"]: function["parameters"]["required"] for function in row["functions"]}
    return [
        (name, {key: first(values) for key, values in arguments.items() if key in required[name] or "" not in values})
        for accepted in row["ground_truth"]
        for name, arguments in accepted.items()
    ]


def first(values: list[Any]) -> Any:
    return plain(next(value for value in values if value != "" or len(values) == 1))


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(next(v for v in items if v != "")) for key, items in value.items() if "" not in items}
    if isinstance(value, list):
        return [plain(item) if isinstance(item, dict) else item for item in value]
    return value


def rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def gold_misses(path: Path) -> list[str]:
    return [
        row["id"] for row in rows(path) if not matches(gold_calls(row)[::-1], row["functions"], row["ground_truth"])
    ]


def test_every_gold_answer_of_the_sample_scores_one() -> None:
    assert gold_misses(SAMPLE) == []


@pytest.mark.skipif(not SETS, reason="the public sets are not in ../shared/data")
def test_every_published_gold_answer_scores_one() -> None:
    assert {path.stem: gold_misses(path) for path in SETS} == {path.stem: [] for path in SETS}


@pytest.mark.skipif(not SETS, reason="the public sets are not in ../shared/data")
def test_answers_of_other_questions_score_zero() -> None:
    for path in SETS:
        wrong = 0
        items = [row for row in rows(path) if row["ground_truth"]]
        for row, other in pairwise(items):
            if row["ground_truth"] != other["ground_truth"]:
                wrong += matches(gold_calls(other), row["functions"], row["ground_truth"])
        assert wrong == 0, path.stem


def scores(arguments: dict[str, Any], name: str = "area") -> bool:
    return matches([(name, arguments)], [AREA], GOLD)


def test_an_integer_passes_for_a_float_and_optional_arguments_may_be_missing() -> None:
    assert scores({"width": 4})
    assert scores({"width": 4.0, "sides": [1, 2], "at": {"x": 1}})


def test_text_is_compared_without_case_blanks_and_marks() -> None:
    assert scores({"width": 4.0, "unit": "square-metres."})


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"width": 5.0},
        {"width": "4.0"},
        {"width": True},
        {"width": 4.0, "height": 2},
        {"width": 4.0, "unit": "feet"},
        {"width": 4.0, "sides": [2, 1]},
        {"width": 4.0, "at": {"x": 1, "z": 1}},
        {"width": 4.0, "at": {"y": 2}},
    ],
)
def test_wrong_arguments_score_zero(arguments: dict[str, Any]) -> None:
    assert not scores(arguments)


def test_wrong_names_missing_and_extra_calls_score_zero() -> None:
    assert not scores({"width": 4.0}, name="Area")
    assert not matches([], [AREA], GOLD)
    assert not matches([("area", {"width": 4.0})] * 2, [AREA], GOLD)
    assert matches([], [AREA], []) and not matches([("area", {"width": 4.0})], [AREA], [])


async def test_the_agent_says_what_to_call_and_calls_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that gives the gold answers in the agent's schema scores 1, with arguments that fit their schemas."""
    monkeypatch.setattr("agentflow.agent.suitability.NEAR", -1.0)  # vectors of hashed words know no meaning
    (tmp_path / "models.yaml").write_text("models: {}\n")
    gold = {row["messages"][0]["content"]: gold_calls(row) for row in rows(SAMPLE)}

    def reply(request: Request) -> Any:
        prompt = request.messages[-1].content
        if request.schema is None:
            return "I cannot tell"
        wanted = next(calls for goal, calls in gold.items() if prompt.rstrip().endswith(f"Goal: {goal}".rstrip()))
        return {"calls": [{"tool": name.replace(".", "_"), "arguments": arguments} for name, arguments in wanted]}

    models = ScriptedModels(reply)
    evaluation = await evaluate(Project(tmp_path), "tool_calls", open_engine=engine_with(models))
    (row,) = summarise(evaluation).rows
    assert row.failed == 0 and {name: row.estimates[name].mean for name in ("call_match", "tool", "valid")} == {
        "call_match": 1, "tool": 1, "valid": 1,
    }  # fmt: skip


async def test_what_no_function_is_near_to_calls_none_and_asks_no_model(tmp_path: Path) -> None:
    models = ScriptedModels(lambda _: {"calls": [{"tool": "room_price", "arguments": {}}]}, abilities=["point"])
    price = {"name": "room_price", "description": "Price of a room", "parameters": {"type": "object", "properties": {}}}
    async with Engine(Project(tmp_path), pool=models) as engine:
        far = await engine.run("agent", {"goal": "Who won yesterday?", "functions": [price], "steps": 3})
        assert not far.output["steps"] and not models.asked
        near = await engine.run("agent", {"goal": "The price of a room?", "functions": [price], "steps": 3})
        assert [step["tool"] for step in near.output["steps"]] == ["room_price"] and near.output["finished"]
        none = await engine.run("agent", {"goal": "The price of a room?", "functions": [price], "steps": 0})
        assert none.output == {"answer": "", "finished": False, "steps": []}
        dull = {"name": "f", "parameters": {"type": "object", "properties": {"any": True}}}
        assert not (await engine.run("agent", {"goal": "The price of a room?", "functions": [dull]})).output["steps"]
        room = {"properties": {"n": {"type": "integer", "description": "number of the room"}, "price": {}}}
        said = await engine.run("agent", {"goal": "The price of room 7?", "functions": [{**dull, "parameters": room}]})
        assert said.output["steps"]


@pytest.mark.parametrize(
    ("said", "chance", "goal", "calls"),
    [
        ("yes", 0.9, "The price of a room?", 1),
        ("No", 0.9, "The price of a room?", 0),  # near, but the model knows better
        ("perhaps", 0.9, "The price of a room?", 1),
    ],
)
async def test_a_model_that_can_call_is_asked_whether_a_function_does_it(
    tmp_path: Path, said: str, chance: float, goal: str, calls: int
) -> None:
    called = {"calls": [{"tool": "room_price", "arguments": {}}]}
    models = ScriptedModels(lambda request: called if request.schema else said, chance=chance)
    price = {"name": "room_price", "description": "Price of a room", "parameters": {"type": "object", "properties": {}}}
    async with Engine(Project(tmp_path), pool=models) as engine:
        outcome = await engine.run("agent", {"goal": goal, "functions": [price], "steps": 3})
    assert len(outcome.output["steps"]) == calls


@pytest.mark.parametrize(
    ("alternatives", "chance"),
    [
        ({"yes": 0.6, "no": 0.2}, 0.75),
        ({" Yes": 0.3, "yes": 0.3, " no": 0.1, "No": 0.1, "It": 0.2}, 0.75),
        ({"It": 1.0}, None),
        ({"no": 1.0}, 0.0),
    ],
)
def test_the_chance_of_yes_is_that_of_the_first_word(alternatives: dict[str, float], chance: float | None) -> None:
    logs = {token: math.log(share) for token, share in alternatives.items()}
    told = chance_of_yes(Answer(text="", logprobs=(logs, {"yes": 0.0}), model="m"))
    assert told is None if chance is None else told == pytest.approx(chance)


def test_a_server_without_probabilities_tells_no_chance() -> None:
    assert chance_of_yes(Answer(text="yes", model="m")) is None


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not SETS, reason="the public sets are not in ../shared/data")
async def test_the_starter_gives_arguments_that_fit_whatever_the_function(tmp_path: Path) -> None:
    """It must call (no answer is offered): 100 of the leaderboard's functions, through the server and its grammar."""
    (tmp_path / "models.yaml").write_text("models: {}\n")
    project = Project(tmp_path)
    function = project.load("evals", "bfcl_data").function
    prompt = load_prompt(project.prompt_file("act"))
    asked = [row for path in SETS for row in rows(path)][::8]
    unended = 0
    async with Engine(project) as engine:
        for row in asked:
            offered = [function(item) for item in row["functions"]]
            schema = narrow({"anyOf": moves(offered)["anyOf"][:-1]})
            messages = prompt.messages(tools=shown(offered), goal=row["messages"][-1]["content"], steps=[])
            request = Request(
                messages=messages, schema=schema, max_tokens=prompt.max_tokens, sampling=Sampling(0.0, seed=0)
            )
            try:
                data = (await engine.models.ask("agent", request)).data
            except Malformed:
                unended += 1  # cut off by the prompt's limit: no call at all
                continue
            parameters = {item["name"]: item["parameters"] for item in offered}[data["tool"]]
            assert Draft202012Validator(parameters).is_valid(data["arguments"]), row["id"]
    assert unended <= len(asked) / 10
