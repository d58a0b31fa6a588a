"""One step of a finished research run with another model: only what comes after runs again, and `diff` shows it."""

from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.runs.diff import diff
from agentflow.runs.replay import replay
from agentflow.testing import ScriptedModels
from tests.crash.harness import QUESTION, recorded, write_towers

pytestmark = pytest.mark.usefixtures("each_database")


class TwoModels(ScriptedModels):
    """The second words one claim otherwise."""

    def __init__(self) -> None:
        super().__init__(recorded)
        self.catalog.models["second"] = self.catalog.models["scripted"].model_copy(update={"name": "second"})

    async def ask(self, role: str, request: Request, **options: Any) -> Any:
        self.reply = second if role == "second" else recorded
        return await super().ask(role, request, **options)


def second(request: Request) -> Any:
    said = recorded(request)
    if "claims" in said:
        lines = request.messages[-1].content.split("\n")
        number = next(int(line[1 : line.index("]")]) for line in lines if "Aarhus is" in line)
        return {"claims": [{"evidence": [number], "text": "The tower of Aarhus stands 40 metres high."}]}
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
        a, b = engine.store.load(first.run), engine.store.load(forked.run)
        again = await replay(engine, forked.run)
    steps = {request.step.split("-", 1)[1].split(".")[0] for request in models.asked}
    assert forked.status == "answered" and again.identical
    assert steps <= {"write", "check", "revise", "report"} and len(models.asked) < len(asked) / 2
    found = diff(a, b, first.usage, forked.usage)
    print(f"\n{len(asked)} calls, {len(models.asked)} again; claims { ({k: len(v) for k, v in found.claims.items()}) }")
    assert found.plan == {"gone": [], "new": []} and found.evidence == {"gone": [], "new": []}
    told = [change.after["text"] for change in found.claims["changed"]] + [
        claim["text"] for claim in found.claims["new"]
    ]
    assert "The tower of Aarhus stands 40 metres high." in told
    assert found.cost["calls"][1] < found.cost["calls"][0] and not found.same
