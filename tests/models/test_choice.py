"""`agentflow models use`: a project's default model, written into its models.yaml and taken out again."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from agentflow import bundled
from agentflow.cli import app
from agentflow.errors import AgentflowError
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.catalog.choice import choose, unchoose
from agentflow.project import Project

OWN = "# our models\nroles:\n  writer: mine # ours\nmodels:\n  mine: {backend: llama, weights: w.gguf}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "models.yaml").write_text(OWN)
    return Project(tmp_path)


def test_a_model_becomes_the_default_and_the_shipped_one_comes_back(project: Project) -> None:
    choice = choose(project, "qwen3-4b")
    found = load_catalog(project.models_files())
    assert [found.resolve(role).name for role in ("reader", "writer", "embedder")] == ["qwen3-4b", "mine", "minilm"]
    assert (choice.role, choice.model, choice.before, choice.others) == (
        "default", "qwen3-4b", "starter", {"writer": ("mine",)},
    )  # fmt: skip
    assert unchoose(project).model == "starter"
    assert choice.file.read_text() == OWN


def test_a_folder_without_a_file_gets_one(tmp_path: Path) -> None:
    choose(Project(tmp_path), "qwen3-4b")
    assert (tmp_path / "models.yaml").read_text() == "roles:\n  default: qwen3-4b\n"
    unchoose(Project(tmp_path))
    assert load_catalog(Project(tmp_path).models_files()).resolve("reader").name == "starter"


def test_an_embedder_is_chosen_for_the_role_of_embedder(project: Project) -> None:
    assert choose(project, "minilm").role == "embedder"


@pytest.mark.parametrize(("name", "words"), [("qwen3-4", "did you mean 'qwen3-4b'"), ("nobody", "models list")])
def test_an_unknown_model_changes_nothing(project: Project, name: str, words: str) -> None:
    with pytest.raises(AgentflowError) as caught:
        choose(project, name)
    assert words in caught.value.hint and (project.root / "models.yaml").read_text() == OWN


def test_the_file_that_ships_is_not_written() -> None:
    with pytest.raises(AgentflowError, match="agentflow's own"):
        choose(Project(bundled.ROOT), "qwen3-4b")


def test_the_command_says_what_is_still_to_be_pulled(project: Project) -> None:
    said = CliRunner().invoke(app, ["models", "use", "qwen3-4b", "--project", str(project.root)]).output
    assert "qwen3-4b is the project's default model" in said and "agentflow models pull qwen3-4b" in said
    assert "the role writer keeps its own: mine" in said
    back = CliRunner().invoke(app, ["models", "use", "--default", "--project", str(project.root), "--json"]).output
    assert json.loads(back)["model"] == "starter" and json.loads(back)["here"] is True


@pytest.mark.parametrize("width", [50, 80])
def test_a_narrow_terminal_shows_every_name_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    from agentflow.cli import models_view
    from agentflow.models.weights.inventory import inventory

    console = Console(width=width, file=StringIO(), record=True)
    monkeypatch.setattr(models_view, "OUT", console)
    rows = inventory(load_catalog(Project(tmp_path).models_files()))
    models_view.show_models(rows)
    words = console.export_text(clear=False).split()
    backends = {row["backend"] for row in rows} if width == 80 else set()
    assert {row["name"] for row in rows} | backends | {"smollm2-research", "embedder"} <= set(words)
    assert "…" not in words and "agentflow models show NAME" in " ".join(words)
    assert all(len(line) <= width for line in console.export_text(clear=False).splitlines())
