"""Plans: what a seed draws, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agentflow.chaos.plan import Draw, Part, Plan, load_plan
from agentflow.cli import app
from agentflow.errors import ConfigError

PARTS = {"wire": Part(listen=9001, to=9002), "job": Part(run="true"), "both": Part(run="true", listen=9003, to=9004)}


@given(st.integers(), st.integers(1, 50))
def test_a_seed_draws_the_same_faults_again_and_each_fits_its_part(seed: int, faults: int) -> None:
    plan = Plan(parts=PARTS, draw=Draw(faults=faults, within=9, longest=2))
    drawn = plan.drawn(seed)
    assert drawn == plan.drawn(seed) and len(drawn.faults) == faults
    assert all(fault.do in PARTS[fault.part].faults and fault.seconds <= 2 for fault in drawn.faults)
    assert [fault.at for fault in drawn.faults] == sorted(
        fault.at for fault in drawn.faults if isinstance(fault.at, float)
    )
    assert Plan.model_validate(drawn.model_dump()) == drawn


def test_another_seed_draws_other_faults() -> None:
    plan = Plan(parts=PARTS, draw=Draw(seed=1))
    assert plan.drawn() == plan.drawn(1) != plan.drawn(2)


def test_what_draw_prints_is_the_plan_that_the_seed_runs(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(json.dumps({"parts": {name: part.model_dump(mode="json", exclude_defaults=True) for name, part in PARTS.items()},
                                "draw": {"faults": 5}}))  # fmt: skip
    printed = CliRunner().invoke(app, ["chaos", "draw", str(path), "--seed", "7"], catch_exceptions=False).output
    (tmp_path / "found.yaml").write_text(printed)
    assert load_plan(tmp_path / "found.yaml") == load_plan(path).drawn(7)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"parts": {}}, "parts"),
        ({"parts": {"a": {}}}, "has a process"),
        ({"parts": {"a": {"listen": 1}}}, "listen and to go together"),
        ({"parts": {"a": {"run": "true"}}, "until": "b"}, "there is no part 'b'"),
        ({"parts": {"a": {"listen": 1, "to": 2}}, "until": "a"}, "no process"),
        ({"parts": {"a": {"run": "true"}}, "faults": [{"do": "cut", "part": "a"}]}, "'a' has no link"),
        ({"parts": {"a": {"listen": 1, "to": 2}}, "faults": [{"do": "kill", "part": "a"}]}, "'a' has no process"),
        ({"parts": {"a": {"run": "true"}}, "faults": [{"do": "kill", "part": "a", "at": {"a": 1}}]}, "links: none"),
        ({"parts": {"a": {"run": "true"}}, "faults": [{"do": "burn", "part": "a"}]}, "burn"),
    ],
)
def test_what_is_no_plan_is_refused(wrong: dict[str, Any], told: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(json.dumps(wrong))
    with pytest.raises(ConfigError, match=told):
        load_plan(path)
