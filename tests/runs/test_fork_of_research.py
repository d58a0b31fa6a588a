"""One step of a finished research run with another model: only what comes after runs again, and `diff` shows it."""

from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.models.request import Request
from agentflow.project import Project
from agentflow.replay import replay
from agentflow.runs.diff import diff
from agentflow.testing import ScriptedModels
from tests.crash.harness import QUESTION, recorded, write_towers


class TwoModels(ScriptedModels):
    """The second finds one claim, in its own words."""

    def __init__(self) -> None:
        super().__init__(recorded)
        self.catalog.models["second"] = self.catalog.models["scripted"].model_copy(update={"name": "second"})

    async def ask(self, role: str, request: Request, **options: Any) -> Any:
        self.reply = second if role == "second" else recorded
        return await super().ask(role, request, **options)


def second(request: Request) -> Any:
    said = recorded(request)
    if "claims" in said:
        return {"claims": [{"evidence": [3], "text": "The tower of Aarhus stands 40 metres high."}]}
    return said


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_towers(tmp_path / "towers")


async def test_only_the_later_steps_run_again_and_the_changed_claims_are_shown(root: Path) -> None:
    models = TwoModels()
    async with Engine(Project(root), pool=models) as engine:
        first = await engine.run("research", {"question": QUESTION, "rounds": 1})
        asked, models.asked = models.asked, []
        forked = await engine.fork(first.run, at="write", models={"default": "second"})
        a, b = engine.catalog.load(first.run), engine.catalog.load(forked.run)
        again = await replay(engine, forked.run)
    steps = {request.step.split("-", 1)[1].split(".")[0] for request in models.asked}
    assert forked.status == "answered" and again.identical
    assert steps <= {"write", "check", "revise", "report"} and len(models.asked) < len(asked) / 2
    found = diff(a, b, first.usage, forked.usage)
    print(f"\n{len(asked)} calls, {len(models.asked)} again; claims { ({k: len(v) for k, v in found.claims.items()}) }")
    assert found.plan == {"gone": [], "new": []} and found.evidence == {"gone": [], "new": []}
    (change,) = found.claims["changed"]
    assert (change.before["text"], change.after["text"]) == (
        "The tower of Aarhus is 40 metres high.",
        "The tower of Aarhus stands 40 metres high.",
    )
    assert found.cost["calls"][1] < found.cost["calls"][0] and not found.same
    assert len(found.claims["gone"]) == len(first.output["claims"]) - 1 and not found.claims["new"]
