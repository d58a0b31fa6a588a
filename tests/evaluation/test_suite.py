"""Suites as people write them: what is wrong is said with its place, and what is missing with where it was looked for."""

from pathlib import Path

import pytest

from agentflow.errors import AgentflowError, ConfigError
from agentflow.evaluation.dataset import Case, choose, read_cases
from agentflow.evaluation.scoring import load_scorers
from agentflow.evaluation.suite import load_dataset, load_suite
from agentflow.evaluation.variants import expand, fill, parse_settings
from agentflow.project import Project
from tests.evaluation.sums import SUITE


def broken(project: Project, old: str, new: str) -> str:
    """The message for the suite with one thing replaced."""
    path = project.root / "evals" / "sums.yaml"
    path.write_text(SUITE.replace(old, new))
    with pytest.raises(AgentflowError) as raised:
        loaded = load_suite(project, "sums")
        load_scorers(project, loaded)
        load_dataset(project, loaded)
    return f"{raised.value.message} | {raised.value.hint}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("primary: f1\n", "", "sums.yaml:1:1: the file: key 'primary' is missing"),
        ("slices", "slice", "sums.yaml:7:1: unknown key 'slice' | did you mean 'slices'?"),
        ("graph: direct", "k: 3", "targets.direct: a target has either `graph` or `search`"),
        ("slices: [kind]", "limits: {token: 5}", "unknown limit token; known: tokens, seconds"),
        ("slices: [kind]", "baseline: rag", "baseline 'rag' is not one of the targets direct"),
        ("[answer]", "[anser]", "no eval named 'anser'; known: "),
        ("[answer]", "[{ranked: {cutoff: 3}}]", "the scorer 'ranked' has no option cutoff | known: cutoffs"),
        ("[answer]", "[squad]", "evals/squad.py has no function score(case, record)"),
        ("cases.jsonl", "nowhere.jsonl", "sums.yaml:1:1: no data at 'nowhere.jsonl'; looked in "),
        ("{path: cases.jsonl}", "{path: cases.jsonl, loader: answer}", "evals/answer.py has no function load(path)"),
        ("{path: cases.jsonl}", "{path: cases.jsonl, corpus: docs}", "its corpus 'docs' is no folder"),
    ],
)
def test_a_broken_suite_is_refused_with_its_place(project: Project, old: str, new: str, said: str) -> None:
    assert said in broken(project, old, new)


def test_an_unknown_suite_names_the_known_ones(project: Project) -> None:
    with pytest.raises(AgentflowError, match=r"no suite named 'sum'; known: .*sums"):
        load_suite(project, "sum")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": 1}\n{"id": 2\n', r"cases.jsonl:2:9: not JSON"),
        ("[1]\n", "cases.jsonl:1:1: not a JSON object"),
        ('{"id": 1}\n{"id": 1}\n', "cases.jsonl:2:1: the id '1' occurs twice"),
        ("", "cases.jsonl:1:1: holds no cases"),
    ],
)
def test_broken_cases_are_refused_with_their_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_cases(path)


def test_cases_come_from_csv_and_from_a_glob(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,question\nx,Who?\n")
    (tmp_path / "b.csv").write_text("id,question\ny,Why?\n")
    assert [case["question"] for case in read_cases(tmp_path / "*.csv")] == ["Who?", "Why?"]


def test_lines_are_split_at_newlines_only(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"id": "a", "text": "one\u2028two"}\n', "utf-8")
    assert read_cases(tmp_path / "c.jsonl")[0]["text"] == "one\u2028two"


def test_the_public_sets_are_looked_for_under_the_data_folder(project: Project, tmp_path: Path) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "far.jsonl").write_text('{"question": "?"}\n')
    (project.root / "evals" / "sums.yaml").write_text(SUITE.replace("cases.jsonl", "far.jsonl"))
    dataset, sampled = load_dataset(project, load_suite(project, "sums"), tmp_path / "sets")
    assert [case.id for case in dataset.cases] == ["1"] and not sampled


def test_a_case_fills_in_the_inputs() -> None:
    case = Case("a", {"question": "Who?", "functions": [{"name": "f"}]})
    assert fill({"q": "{{ question }} Say.", "f": "{{ functions }}", "k": 3}, case) == {
        "q": "Who? Say.", "f": [{"name": "f"}], "k": 3,
    }  # fmt: skip
    with pytest.raises(AgentflowError, match="case 'a' has no field 'answer'"):
        fill("{{ answer }}", case)


def test_settings_and_models_multiply_the_targets(project: Project) -> None:
    suite = load_suite(project, "qa").suite
    settings = parse_settings(["graph.k=4,8", "research.rounds=0"])
    found = expand(suite, models=[{"default": "a"}, {"default": "b"}], settings=settings)
    assert [v.name for v in found] == [
        "direct a", "direct b", "rag a k=4", "rag a k=8", "rag b k=4", "rag b k=8",
        "research a k=4 rounds=0", "research a k=8 rounds=0", "research b k=4 rounds=0", "research b k=8 rounds=0",
    ]  # fmt: skip
    assert found[3].target.inputs["k"] == 8 and found[3].models == {"default": "a"}
    with pytest.raises(AgentflowError, match=r"no target takes the setting graph\.depth"):
        expand(suite, settings={"graph.depth": [1]})
    with pytest.raises(AgentflowError, match="no target named 'rags'"):
        expand(suite, targets=["rags"])


def test_a_sample_keeps_the_order_of_the_file() -> None:
    cases = [Case(str(n), {}) for n in range(100)]
    drawn = [int(case.id) for case in choose(cases, limit=None, sample=10, seed=3)]
    assert drawn == sorted(drawn) and len(set(drawn)) == 10
    assert choose(cases, limit=3, sample=None, seed=0) == cases[:3]
