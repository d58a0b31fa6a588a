"""Questions on data whose truth is known, and the folder that an experiment leaves."""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.events import Event, ToolCalled
from agentflow.experiments.folder import reproduce
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.runs.replay import replay
from agentflow.testing import ScriptedModels
from benchmarks.experiment_sets import make
from tests.experiments.conftest import Ask, Asked, contents

SECONDS = 120.0


def test_an_effect_that_is_there_is_shown_with_its_interval_and_a_quote(asked: Asked) -> None:
    outcome = asked.outcome
    first = outcome.output["hypotheses"][0]
    assert outcome.output["verdict"] == "shown"
    assert first["result"]["low"] < first["result"]["effect"] < first["result"]["high"] < 0
    assert [quote["quote"] for quote in first["quotes"]] == ["The new dose shortens recovery in mice (Berg 2019)."]
    assert outcome.output["data"] == {
        "trial.csv": json.loads((Path(outcome.output["folder"]) / "experiment.json").read_text())["data"]["trial.csv"]
    }


async def test_no_effect_is_not_shown_and_its_room_is_told(ask: Ask, tmp_path: Path) -> None:
    made = make(tmp_path, "null", 2)
    outcome = await ask(made.folder, made.question)
    assert outcome.output["verdict"] == "not shown"
    assert "leave room for effects from" in outcome.output["answer"]


def test_a_confounder_is_found_named_and_looked_within(trapped: Asked) -> None:
    outcome, confounder = trapped.outcome, trapped.made.confounder
    first = outcome.output["hypotheses"][0]
    assert first["result"]["p"] < 0.001 and outcome.output["verdict"] == "not shown"
    assert f"at equal values of {confounder}" in outcome.output["answer"]
    assert first["result"]["strata"]["column"] == confounder


def test_what_documents_state_besides_is_tested_and_quoted(trapped: Asked) -> None:
    outcome = trapped.outcome
    second = outcome.output["hypotheses"][1]
    assert (second["hypothesis"]["group"], second["hypothesis"]["level"]) == ("severity", "severe")
    assert second["quotes"][0]["quote"] == "Severe cases recover more slowly, whatever the dose."
    assert second["verdict"] == "shown"
    assert "2 hypotheses were tested" in outcome.output["report"]


def test_a_folder_that_was_changed_is_not_reproduced(asked: Asked, tmp_path: Path) -> None:
    folder = shutil.copytree(asked.outcome.output["folder"], tmp_path / "changed")
    (folder / "data" / asked.made.file).open("a").write("\n")
    with pytest.raises(AgentflowError, match=f"data/{asked.made.file}"):
        reproduce(folder, tmp_path / "again", SECONDS)


async def test_another_run_gives_the_same_folder_and_a_writer_that_makes_up_numbers_is_not_heard(
    ask: Ask, asked: Asked, tmp_path: Path
) -> None:

    def reply(request: Request) -> Any:
        return {"outcome": "recovery, 99 % shorter", "level": "never the new dose", "baseline": "higher doses"}

    made = make(tmp_path, "effect", 0)
    outcome = await ask(made.folder, made.question, pool=ScriptedModels(reply))
    assert outcome.output["answer"] == asked.outcome.output["answer"]
    assert not re.search(r"99|never|higher", outcome.output["answer"])
    assert contents(Path(outcome.output["folder"])) == contents(Path(asked.outcome.output["folder"]))


class AllAlike(ScriptedModels):
    """To its embedder every text means the same."""

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.ones((len(texts), 1), np.float32)


class NoneAlike(ScriptedModels):
    """To its embedder no two texts are near."""

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [np.random.default_rng(list(text.encode()) or 0).normal(size=400) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32)


async def test_a_model_finds_the_columns_that_words_do_not_name_and_is_checked(ask: Ask, tmp_path: Path) -> None:
    def reply(request: Request, holds: str = "yes") -> Any:
        asked = request.messages[0].content
        return (
            {"holds": holds} if "hold what" in asked else {"outcome": "recovery_days", "cause": "dose", "value": "new"}
        )

    made = make(tmp_path, "effect", 0, "free")
    outcome = await ask(made.folder, made.question, pool=AllAlike(reply, abilities=("call",)))
    assert outcome.output["verdict"] == "shown"
    assert outcome.output["answer"].startswith("Taking recovery_days as what is asked about, and dose")
    doubtful = (
        AllAlike(lambda request: reply(request, "no"), abilities=("call",)),  # it takes its own choice back
        NoneAlike(reply, abilities=("call",)),
        ScriptedModels(reply, abilities=()),  # it is not asked at all
    )
    for number, pool in enumerate(doubtful):
        made = make(tmp_path / str(number), "effect", 0, "free")
        declined = await ask(made.folder, made.question, pool=pool)
        assert declined.status == "insufficient" and "no columns of the data" in declined.output["answer"]


async def test_an_open_question_tests_every_column_and_corrects_for_their_number(ask: Ask, tmp_path: Path) -> None:
    made = make(tmp_path, "trap", 0)
    outcome = await ask(made.folder, "What affects recovery?", more=0)
    tested = {item["hypothesis"]["group"]: item for item in outcome.output["hypotheses"]}
    assert set(tested) == {"dose", "severity", "age", "weight_kg"}
    assert tested["severity"]["verdict"] == "shown" and tested["dose"]["verdict"] == "not shown"
    assert tested["age"]["result"]["p_corrected"] >= tested["age"]["result"]["p"]


async def test_columns_that_a_person_names_are_taken_and_unknown_ones_refused(ask: Ask, tmp_path: Path) -> None:
    made = make(tmp_path, "effect", 0, "free")
    outcome = await ask(made.folder, made.question, outcome="recovery_days", group="dose")
    assert outcome.output["verdict"] == "shown"
    wrong = await ask(made.folder, made.question, outcome="recovery", group="dose")
    assert wrong.status == "failed" and "no table has the columns 'recovery' and 'dose'" in wrong.message


async def test_a_replay_asks_nobody_and_runs_no_program(asked: Asked, tmp_path: Path) -> None:
    folder = shutil.copytree(asked.made.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("*.csv"))
    async with Engine(Project(folder), pool=ScriptedModels(lambda request: "", abilities=())) as engine:
        assert (await replay(engine, asked.outcome.run)).identical


async def test_a_run_that_failed_goes_on_without_looking_or_analysing_again(ask: Ask, tmp_path: Path) -> None:
    def breaks(request: Request) -> Any:
        raise AgentflowError("the server is gone", "start it")

    made = make(tmp_path, "null", 0)
    failed = await ask(made.folder, made.question, pool=ScriptedModels(breaks, abilities=("word",)))
    assert failed.status == "failed" and "the server is gone" in failed.message
    (made.folder / made.file).unlink()
    events: list[Event] = []
    pool = ScriptedModels(
        lambda request: {"outcome": "recovery", "level": "new dose", "baseline": "standard dose"}, abilities=("word",)
    )
    async with Engine(Project(made.folder), pool=pool, sink=events.append) as engine:
        outcome = await engine.resume(failed.run)
    assert (
        outcome.output["verdict"] == "not shown"
        and "recovery is lower with new dose than with standard dose" in outcome.output["answer"]
    )
    assert [event.tool for event in events if isinstance(event, ToolCalled)] == ["write_file", "write_file"]


async def test_a_script_of_ones_own_runs_in_the_sandbox_and_is_told_as_printed(ask: Ask, tmp_path: Path) -> None:
    made = make(tmp_path, "null", 0)
    (made.folder / "mine.py").write_text(
        "import pandas as pd\nframe = pd.read_csv('data/trial.csv')\nprint('rows', len(frame))\n"
        "open('out/rows.txt', 'w').write(str(len(frame)))\n"
    )
    outcome = await ask(made.folder, made.question, script="mine.py")
    folder = Path(outcome.output["folder"])
    assert outcome.output["answer"] == f"rows {made.rows}\n" and outcome.output["verdict"] == "printed"
    assert "agentflow has not checked what it means" in outcome.output["report"]
    assert (folder / "out" / "rows.txt").read_text() == str(made.rows)
    assert not reproduce(folder, tmp_path / "again", SECONDS).different


async def test_a_program_of_a_model_is_mended_by_its_error(ask: Ask, tmp_path: Path) -> None:
    def reply(request: Request) -> Any:
        asked = request.messages[-1].content
        return "```python\nprint(1 / 2)\n```" if "ZeroDivisionError" in asked else "```python\nprint(1 / 0)\n```"

    made = make(tmp_path, "null", 0)
    outcome = await ask(made.folder, made.question, write=True, pool=ScriptedModels(reply))
    assert outcome.output["answer"] == "0.5\n"
    assert "the program of round 1 failed: ZeroDivisionError: division by zero" in outcome.output["report"]
