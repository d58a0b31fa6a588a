"""`agentflow models calibrate`, and what `models list` and `models show` tell of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentflow.calibration import calibrate
from agentflow.cli import app
from agentflow.models.catalog.catalog import ModelCatalog
from agentflow.models.catalog.model_config import ABILITIES, ModelConfig
from tests.calibration.pupil import Pupil, gold


@pytest.fixture
def root(config: ModelConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose model can do everything but call tools."""

    def pupil(catalog: ModelCatalog, *_: Any, **__: Any) -> Pupil:
        reply = lambda case: None if case.kind == "call" else gold(case)
        return Pupil(catalog.resolve("mine"), reply)

    monkeypatch.setattr(calibrate, "Models", pupil)
    (tmp_path / "models.yaml").write_text("models:\n  mine: {backend: llama, weights: mine.gguf}\n")
    return tmp_path


def agentflow(root: Path, *arguments: str) -> str:
    ran = CliRunner().invoke(app, ["models", *arguments, "--project", str(root)])
    assert ran.exit_code == 0, ran.output
    return " ".join(ran.output.split())


def test_it_says_what_was_right_and_how_sure_that_is(root: Path) -> None:
    assert "trusted with: everything (not measured; agentflow models calibrate mine)" in agentflow(root, "show", "mine")
    said = agentflow(root, "calibrate", "mine")
    assert "call 0/4 the tool and its arguments 0.00 to 0.49 no" in said
    assert "point 12/12 answer and its place 0.76 to 1.00 yes" in said
    known = [ability for ability in ABILITIES if ability != "call"]
    assert f"trusted with: {', '.join(known)} (measured)" in agentflow(root, "show", "mine")
    rows = {row["name"]: row for row in json.loads(agentflow(root, "list", "--json"))["models"]}
    assert rows["mine"]["abilities"] == known and rows["starter"]["abilities"] == []
    assert rows["minilm"]["abilities"] is None
    assert json.loads(agentflow(root, "show", "mine", "--json"))["calibration"]["scores"]["call"] == [0, 4]


def test_what_a_person_wrote_goes_before_what_was_measured(root: Path) -> None:
    (root / "models.yaml").write_text(
        "models:\n  mine: {backend: llama, weights: mine.gguf, abilities: [plan, decline]}\n"
    )
    assert "models.yaml says otherwise, and counts: plan, decline" in agentflow(root, "calibrate", "mine")
    assert "trusted with: plan, decline (models.yaml)" in agentflow(root, "show", "mine")


def test_an_unknown_ability_is_refused_with_its_place(root: Path) -> None:
    (root / "models.yaml").write_text("models:\n  mine: {backend: llama, weights: w.gguf, abilities: [fly]}\n")
    ran = CliRunner().invoke(app, ["models", "list", "--project", str(root)])
    assert ran.exit_code != 0 and "abilities" in str(ran.exception)
