"""A question asked of pages, with a model that says the same to everything."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from agentflow.engine import Engine
from agentflow.models.catalog.model_config import ABILITIES, Ability
from agentflow.project import Project
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels


async def asked(
    root: Path, pages: Mapping[str, str], question: str, said: str, abilities: Sequence[Ability] = ABILITIES
) -> tuple[Outcome, int]:
    """The outcome of a quick run, and how many prompts it took."""
    (root / "docs").mkdir()
    for name, text in pages.items():
        file = root / "docs" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    models = ScriptedModels(lambda _: {"answer": said, "sentence": 1}, abilities=abilities)
    async with Engine(Project(root), pool=models) as engine:
        await engine.ingest([root / "docs"])
        return await engine.run("research", {"question": question, "depth": "quick"}), len(models.asked)
