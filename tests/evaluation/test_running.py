"""From a suite's file to scored records: durable, resumable, and clear about what failed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow.errors import ConfigError, Unavailable
from agentflow.evaluation import runner
from agentflow.evaluation.evaluate import evaluate, rescore
from agentflow.evaluation.evaluation import find_evaluation, history
from agentflow.evaluation.layout import Choices
from agentflow.evaluation.runner import OpenEngine
from agentflow.evaluation.summary import compare_evaluations, summarise
from agentflow.events import Event, Note, Progress
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.testing import ScriptedModels
from tests.evaluation.sums import adds_one, engine_with, never_right, write_cases


async def test_a_suite_is_run_and_scored(project: Project, scripted: OpenEngine) -> None:
    heard: list[Event] = []
    evaluation = await evaluate(project, "sums", open_engine=scripted, sink=heard.append)
    (row,) = summarise(evaluation).rows
    assert evaluation.id == "sums-1" and evaluation.finished
    assert (row.runs, row.failed, row.estimates["f1"].mean, row.estimates["em"].mean) == (4, 0, 1.0, 1.0)
    assert row.estimates["tokens"].mean > 0 and row.estimates["model_calls"].mean == 1
    assert [event.done for event in heard if isinstance(event, Progress) and event.unit == "runs"] == [1, 2, 3, 4]


async def test_the_whole_thing_is_kept_with_the_run_of_every_case(project: Project, scripted: OpenEngine) -> None:
    evaluation = await evaluate(project, "sums", open_engine=scripted)
    again = find_evaluation(project, "sums")
    assert again == evaluation
    records = again.results()
    assert {record.slices["kind"] for record in records} == {"odd", "even"}
    assert len({record.run for record in records}) == 4 and all(record.status == "answered" for record in records)


async def test_a_finished_evaluation_is_not_gone_on_with(project: Project, right: ScriptedModels) -> None:
    for _ in range(2):
        await evaluate(project, "sums", open_engine=engine_with(right))
    assert [e.id for e in history(project)] == ["sums-1", "sums-2"] and len(right.asked) == 8


async def test_an_outage_stops_the_evaluation_and_the_next_one_goes_on(
    project: Project, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PATIENCE", (0.0, 0.0))
    write_cases(root, 20)
    asked: list[str] = []
    down = False

    def reply(request: Request) -> dict[str, Any]:
        nonlocal down
        down = down or len(asked) == 7
        if down:
            raise Unavailable("the server stopped answering", "look at its log")
        asked.append(request.messages[-1].content)
        return adds_one(request)

    open_engine = engine_with(ScriptedModels(reply))
    with pytest.raises(Unavailable, match="5 runs in a row"):
        await evaluate(project, "sums", Choices(jobs=1), open_engine=open_engine)
    asked.append("the server is back")
    down = False
    evaluation = await evaluate(project, "sums", Choices(jobs=1), open_engine=open_engine)
    (row,) = summarise(evaluation).rows
    assert evaluation.id == "sums-1" and (row.runs, row.failed, row.estimates["f1"].mean) == (20, 0, 1.0)
    assert len(set(asked)) == len(asked) == 21, "no case was asked twice"


async def test_a_server_that_comes_back_is_waited_for(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PATIENCE", (0.01, 0.01))
    failures = iter([Unavailable("restarting", "wait")])

    def reply(request: Request) -> dict[str, Any]:
        if error := next(failures, None):
            raise error
        return adds_one(request)

    evaluation = await evaluate(project, "sums", open_engine=engine_with(ScriptedModels(reply)))
    assert [record.status for record in evaluation.results()] == ["answered"] * 4


async def test_a_changed_plan_starts_a_new_evaluation(project: Project, root: Path, scripted: OpenEngine) -> None:
    await evaluate(project, "sums", open_engine=scripted)
    finished = find_evaluation(project, "sums-1")
    finished.finished = ""
    finished.save()
    write_cases(root, 5)
    assert (await evaluate(project, "sums", open_engine=scripted)).id == "sums-2"


async def test_runs_of_a_thrown_away_evaluation_are_not_taken_for_those_of_a_changed_one(
    project: Project, root: Path, right: ScriptedModels
) -> None:
    shutil.rmtree((await evaluate(project, "sums", open_engine=engine_with(right))).folder)
    (root / "models.yaml").write_text("# another model now\nmodels: {}\n")
    assert (await evaluate(project, "sums", open_engine=engine_with(right))).id == "sums-1"
    assert len(right.asked) == 8


async def test_a_line_cut_off_by_a_kill_is_run_again(project: Project, right: ScriptedModels) -> None:
    evaluation = await evaluate(project, "sums", open_engine=engine_with(right))
    path = evaluation.records.path
    path.write_bytes(path.read_bytes()[:-20])
    evaluation.finished = ""
    evaluation.save()
    again = await evaluate(project, "sums", open_engine=engine_with(right))
    assert len(again.results()) == 4 and len(right.asked) == 4, "its run had ended: the outcome was found, not rebuilt"
    assert all(json.loads(line) for line in path.read_text().splitlines())


async def test_a_scorer_that_raises_marks_the_case_and_the_suite_goes_on(
    project: Project, root: Path, scripted: OpenEngine
) -> None:
    (root / "evals" / "picky.py").write_text(
        '"""Raises on one case."""\n\n'
        "def score(case, record):\n"
        "    if case.id == 'c2':\n        raise KeyError('no such thing')\n    return 1.0\n"
    )
    suite = (root / "evals" / "sums.yaml").read_text().replace("[answer]", "[picky, answer]")
    (root / "evals" / "sums.yaml").write_text(suite)
    evaluation = await evaluate(project, "sums", open_engine=scripted)
    (row,) = summarise(evaluation).rows
    assert (row.runs, row.problems) == (4, 1)
    assert summarise(evaluation).notes == [
        "direct: the scorer 'picky' raised on 1 cases; on c2: KeyError: 'no such thing'"
    ]
    assert row.estimates["picky"].n == 3 and row.estimates["f1"].n == 4
    marked = next(record for record in evaluation.results() if record.case == "c2")
    assert marked.problems == {"picky": "KeyError: 'no such thing'"}


@pytest.mark.parametrize("template", ["{{ kind }}{{ missing.part }}", "{{ missing }}", "{% if %}{{ kind }}"])
async def test_a_template_that_does_not_fit_a_case_fails_that_case(
    project: Project, root: Path, scripted: OpenEngine, template: str
) -> None:
    suite = (root / "evals" / "sums.yaml").read_text().replace("{{ question }}", template)
    (root / "evals" / "sums.yaml").write_text(suite)
    evaluation = await evaluate(project, "sums", open_engine=scripted)
    (row,) = summarise(evaluation).rows
    assert (row.runs, row.failed) == (4, 4)
    assert all(record.message.startswith(f"case '{record.case}'") for record in evaluation.results())


async def test_a_primary_metric_that_no_scorer_gives_is_told(
    project: Project, root: Path, scripted: OpenEngine
) -> None:
    suite = (root / "evals" / "sums.yaml").read_text().replace("primary: f1", "primary: f2")
    (root / "evals" / "sums.yaml").write_text(suite)
    (note,) = summarise(await evaluate(project, "sums", open_engine=scripted)).notes
    assert note == "no scorer gives the primary metric 'f2'; there are em, f1"


async def test_a_slice_that_no_case_has_is_refused(project: Project, root: Path, scripted: OpenEngine) -> None:
    suite = (root / "evals" / "sums.yaml").read_text().replace("[kind]", "[kin]")
    (root / "evals" / "sums.yaml").write_text(suite)
    with pytest.raises(ConfigError, match="`slices` names 'kin', which no case has"):
        await evaluate(project, "sums", open_engine=scripted)


async def test_a_model_that_writes_nonsense_counts_as_wrong_and_the_suite_goes_on(
    project: Project, with_script: Callable[[Any], OpenEngine]
) -> None:
    evaluation = await evaluate(project, "sums", open_engine=with_script(never_right))
    (row,) = summarise(evaluation).rows
    assert row.estimates["f1"].mean == 0 and row.failed == 0


async def test_a_graph_with_a_bug_fails_its_cases_and_says_so(
    project: Project, root: Path, scripted: OpenEngine
) -> None:
    suite = (root / "evals" / "sums.yaml").read_text()
    (root / "evals" / "sums.yaml").write_text(
        suite.replace('question: "{{ question }}"', 'question: "{{ question }}", k: 3')
    )
    evaluation = await evaluate(project, "sums", open_engine=scripted)
    (row,) = summarise(evaluation).rows
    assert row.failed == 4 and row.estimates["f1"].mean == 0
    assert "direct: k: no such input" in evaluation.results()[0].message


async def test_variants_are_compared_in_pairs(project: Project, root: Path) -> None:
    write_cases(root, 30)
    first = await evaluate(project, "sums", open_engine=engine_with(ScriptedModels(adds_one)))
    second = await evaluate(project, "sums", open_engine=engine_with(ScriptedModels(never_right)))
    (found,) = compare_evaluations(first, second)
    assert found.difference.n == 30 and found.difference.mean == -1 and found.verdict == "worse"


async def test_recorded_outcomes_can_be_scored_again_without_a_model(
    project: Project, root: Path, right: ScriptedModels
) -> None:
    evaluation = await evaluate(project, "sums", open_engine=engine_with(right))
    (root / "evals" / "length.py").write_text(
        "def score(case, record):\n    return {'length': len(record.output['answer'])}\n"
    )
    suite = (root / "evals" / "sums.yaml").read_text().replace("[answer]", "[answer, length]")
    (root / "evals" / "sums.yaml").write_text(suite)
    again = await rescore(Project(root), evaluation)
    assert summarise(again).rows[0].estimates["length"].mean == 1 and len(right.asked) == 4


async def test_repeats_are_averaged_by_case(project: Project, scripted: OpenEngine) -> None:
    evaluation = await evaluate(project, "sums", Choices(repeats=3, limit=2), open_engine=scripted)
    (row,) = summarise(evaluation).rows
    assert row.runs == 6 and row.estimates["f1"].n == 2


async def test_a_sample_is_the_same_for_the_same_seed(project: Project, root: Path, scripted: OpenEngine) -> None:
    write_cases(root, 50)
    drawn = [
        sorted((await evaluate(project, "sums", Choices(sample=5, seed=seed), open_engine=scripted)).load_cases())
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


async def test_missing_data_is_replaced_by_the_sample_and_said(
    project: Project, root: Path, scripted: OpenEngine
) -> None:
    suite = (root / "evals" / "sums.yaml").read_text()
    (root / "evals" / "sums.yaml").write_text(
        suite.replace("{path: cases.jsonl}", "{path: large/cases.jsonl}\nsample: {path: cases.jsonl}")
    )
    heard: list[Event] = []
    evaluation = await evaluate(project, "sums", open_engine=scripted, sink=heard.append)
    assert evaluation.sampled and any("sample that ships" in e.text for e in heard if isinstance(e, Note))
