"""A project is the user's folder over the bundled one."""

from pathlib import Path

import pytest

from agentflow import bundled
from agentflow.errors import AgentflowError, ConfigError
from agentflow.graphs import load_graph
from agentflow.project import Project, find_root


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_checkout_is_the_bundled_project_and_is_not_loaded_twice() -> None:
    assert len(Project(bundled.ROOT).layers) == 1


def test_a_users_file_wins_over_the_bundled_one_of_the_same_name(tmp_path: Path) -> None:
    mine = write(tmp_path / "graphs" / "research.py", "WINNER = 'mine'\n")
    project = Project(tmp_path)
    assert project.find("graphs", "research") == mine
    assert project.load("graphs", "research").WINNER == "mine"


def test_a_users_file_may_extend_the_bundled_one(tmp_path: Path) -> None:
    write(tmp_path / "graphs" / "mine.py", "from agentflow.bundled.graphs.research import ROLES as BASE\n")
    assert "reader" in Project(tmp_path).load("graphs", "mine").BASE


def test_loaded_content_has_a_name_that_survives_in_checkpoints(tmp_path: Path) -> None:
    write(tmp_path / "graphs" / "mine.py", "X = 1\n")
    project = Project(tmp_path)
    assert project.load("graphs", "mine").__name__ == "agentflow_project.graphs.mine"
    assert project.load("graphs", "research").__name__ == "agentflow.bundled.graphs.research"


def test_listing_never_runs_a_file(tmp_path: Path) -> None:
    write(tmp_path / "tools" / "broken.py", "raise RuntimeError('must not run')\n")
    assert "broken" in Project(tmp_path).names("tools")


@pytest.mark.parametrize("name", ["../secrets", "a/b", "no-such", ""])
def test_an_unknown_name_is_refused_with_the_known_ones_and_the_folders(tmp_path: Path, name: str) -> None:
    with pytest.raises(AgentflowError, match=r"known: .*research") as caught:
        Project(tmp_path).find("graphs", name)
    assert str(tmp_path) in caught.value.hint


def test_a_users_prompt_wins(tmp_path: Path) -> None:
    mine = write(tmp_path / "graphs" / "prompts" / "plan.yaml", "")
    assert Project(tmp_path).prompt_file("plan") == mine
    assert Project(tmp_path).prompt_file("write").is_relative_to(bundled.ROOT)


def test_the_root_is_the_nearest_folder_upwards_with_a_models_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGENTFLOW_PROJECT", raising=False)
    write(tmp_path / "models.yaml", "")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert find_root() == tmp_path


def test_a_project_folder_that_is_not_there_is_an_error_a_person_can_mend(tmp_path: Path) -> None:
    with pytest.raises(AgentflowError, match="no project folder"):
        find_root(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import agentflow\nfrom agentflow.errors import Nothing\n", "mine.py:2:1: ImportError"),
        ("X = 1\n\ndef broken(:\n", "mine.py:3:1: SyntaxError"),
        ("def one():\n    return 1 / 0\n\none()\n", "mine.py:2:1: ZeroDivisionError"),
        ("from pathlib import Path\n", "mine.py:1:1: the graph 'mine' has no Inputs and no ROLES and no build"),
    ],
)
def test_a_file_that_fails_is_an_error_with_its_line_and_no_traceback(tmp_path: Path, text: str, told: str) -> None:
    write(tmp_path / "graphs" / "mine.py", text)
    with pytest.raises(ConfigError) as caught:
        load_graph(Project(tmp_path), "mine")
    assert told in caught.value.message
