"""docs/chaos.md: its plans are plans, their commands are ours, and what it tells to type works."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentflow import bundled
from agentflow.chaos.plan import PlannedFault, load_plan
from agentflow.cli import app
from tests.commands import check_command
from tests.worker.harness import enqueue, write_project

PAGE = (bundled.ROOT / "docs" / "chaos.md").read_text("utf-8")
PLANS = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in PLANS.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", PLANS)
def test_each_plan_is_one_and_starts_what_there_is(name: str, plans: Path) -> None:
    for part in load_plan(plans / name).parts.values():
        if part.run:
            check_command(part.run)


def test_a_drawn_plan_can_be_kept(plans: Path) -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("agentflow chaos draw"))
    words, _, kept = line.partition(" > ")
    (plans / kept).write_text(CliRunner().invoke(app, shlex.split(words)[1:], catch_exceptions=False).output)
    assert load_plan(plans / kept) == load_plan(plans / "drawn.yaml").drawn(8)
    assert len(load_plan(plans / kept).faults) == 12


def test_the_timeline_of_the_page(plans: Path) -> None:
    enqueue(write_project(plans / "mine"), [{}])
    write_project(plans / "lab")
    (plans / "plan.jsonl").write_text('{"at": 1, "part": "lab", "did": "ended", "code": 0}\n')
    line = next(line for line in PAGE.splitlines() if line.startswith("agentflow chaos timeline"))
    done = CliRunner().invoke(app, shlex.split(line)[1:], catch_exceptions=False)
    assert done.exit_code == 0 and "lab  ended (0)" in done.output


def test_the_table_names_every_fault() -> None:
    named = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert named[1:] == list(PlannedFault.model_fields["do"].annotation.__args__)  # type: ignore[union-attr]
