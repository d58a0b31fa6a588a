"""A project of three documents, and a model that answers from the line it knows."""

import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from agentflow.engine import Engine
from agentflow.knowledge.store import Knowledge
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels
from agentflow.text.words import content_words

FEES = "# Fees\n\nThe fee for a berth is 14 euros a night.\nThe office opens at seven.\n"
CRANE = "# Crane\n\nThe crane lifts 12 tonnes.\nOnly Ida Brandt may drive the crane.\n"
TIDES = "# Tides\n\nThe spring tide reaches 6.00 metres.\n"
FEE = "What is the fee for a berth?"
DRIVER = "Who may drive the crane?"
Ask = Callable[..., Coroutine[Any, Any, Outcome]]


def reader(request: Request) -> Any:
    """Answers with the number or name of the sentence that shares most words with the question."""
    if request.schema and "support" in request.schema["properties"]:
        return {"support": "supported"}
    *shown, question = request.messages[-1].content.split("\n")
    wanted = set(content_words(question))
    lines = [(int(line[1 : line.index("]")]), line.split("] ", 1)[1]) for line in map(str.strip, shown)
             if re.match(r"\[\d+\]", line)]  # fmt: skip
    number, line = max(lines, key=lambda pair: len(wanted & set(content_words(pair[1]))), default=(0, ""))
    found = re.search(r"\d+ euros|\d+ tonnes|Ida Brandt|Ole Lund|6\.00 metres", line)
    return {"answer": found[0], "sentence": number} if found else {"answer": "", "sentence": 0}


@pytest.fixture(autouse=True)
def remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a project does that says nothing."""
    monkeypatch.delenv("AGENTFLOW_KNOWLEDGE", raising=False)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "docs").mkdir()
    for name, text in (("fees.md", FEES), ("crane.md", CRANE), ("tides.md", TIDES)):
        (tmp_path / "docs" / name).write_text(text)
    (tmp_path / "models.yaml").write_text("models: {}\n")
    return Project(tmp_path)


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels(reader)


@pytest.fixture
def ask(project: Project, models: ScriptedModels) -> Ask:
    """Reads what is new in the documents, then asks, as `agentflow research --docs docs` does."""

    async def asked(question: str = FEE, **inputs: Any) -> Outcome:
        async with Engine(project, pool=models) as engine:
            await engine.ingest([project.root / "docs"])
            return await engine.run("research", {"question": question, **inputs}, docs=[project.root / "docs"])

    return asked


@pytest.fixture
async def known(project: Project) -> Any:
    """What the project knows, freshly looked at each time."""
    from contextlib import closing

    from agentflow.knowledge.learn import learn
    from agentflow.runs.store import RunStore

    with closing(RunStore(project.store)) as runs:
        knowledge = Knowledge(runs)

        def look() -> Knowledge:
            learn(knowledge)
            return knowledge

        yield look
