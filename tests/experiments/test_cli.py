"""`agentflow experiment` and `agentflow reproduce` as a person runs them."""

import json
import re
from pathlib import Path

import pytest

from agentflow.experiments import packages
from benchmarks.experiment_sets import make
from tests.cli.conftest import Run, run
from tests.experiments.conftest import contents

__all__ = ["run"]  # the fixture


def test_a_question_is_answered_in_a_folder_that_reproduces(run: Run, tmp_path: Path) -> None:
    make(tmp_path, "null", 0)
    ran = run("experiment", "Does the new dose shorten recovery?", "--docs", "null-0-plain")
    assert ran.code == 0 and "**Not shown: " in ran.out, ran.err
    folder = re.findall(r"written to (.+)", ran.err)[0]
    again = run("reproduce", folder, "--out", "again")
    assert again.code == 0 and all(
        f"same       out/{name}" in again.out for name in ("results.json", "H1.svg", "H1.png")
    )
    assert contents(tmp_path / "again") == contents(Path(folder))
    record = json.loads(Path(folder, "experiment.json").read_text())
    assert list(record["data"]) == ["trial.csv"] and "pandas" in record["packages"]


def test_a_folder_that_is_no_experiment(run: Run, tmp_path: Path) -> None:
    ran = run("reproduce", ".")
    assert ran.code == 1 and "holds no experiment" in ran.err and "hint: name the folder" in ran.err


def test_no_data_is_said_with_what_to_give(run: Run) -> None:
    ran = run("experiment", "Does it matter?")
    assert ran.code == 1 and "no data file" in ran.err


def test_without_the_extra_one_line_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    packages.shown_packages.cache_clear()
    monkeypatch.setattr(packages, "WANTED", ("numpy", "no-such-package"))
    ran = run("experiment", "Does it matter?", "--data", ".")
    packages.shown_packages.cache_clear()
    assert ran.code == 1 and "hint: pip install 'agentflow[experiments]'" in ran.err
