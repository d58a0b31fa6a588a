"""The recipes of CONTRIBUTING.md, carried out in a copy of the tree: one new file and at most one line elsewhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agentflow import bundled

PAGE = (bundled.ROOT / "CONTRIBUTING.md").read_text("utf-8")
STEP = re.compile(r"`([\w/]+\.py)`:\n\n```python\n(.*?)```", re.DOTALL)
RECIPES = {
    title: STEP.findall(text)
    for title, text in re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", PAGE, re.DOTALL | re.MULTILINE)
}

PROOF = {
    "A reader": """
from pathlib import PurePath
from agentflow.corpus.readers import format_of, read
text = "1\\n00:00:01,000 --> 00:00:02,000\\nGood evening.\\n"
extract = read(format_of(PurePath("film.srt")), text)
assert [text[block.start:block.end] for block in extract.blocks] == ["Good evening."]
""",
    "A tool": """
from agentflow import Project
from agentflow.toolbox import load_tool
tool = load_tool(Project(Path.cwd()), "dice")
assert tool.description == "Roll some dice." and set(tool.parameters["properties"]) == {"sides", "count"}
""",
    "A scorer": """
from types import SimpleNamespace
from agentflow import Case, Project, Record
from agentflow.evaluation.scoring import load_scorers
[scorer] = load_scorers(Project(Path.cwd()), SimpleNamespace(suite=SimpleNamespace(scorers=[{"brief": {"words": 2}}])))
assert scorer.function(Case("1", {}), Record("v", "1", output={"answer": "three short words"}), words=2) == {"brief": 0.0}
""",
    "A kind of node": """
import asyncio
from agentflow import Engine, Project, ScriptedModels
from agentflow.graphs import check_file
Path("w.yaml").write_text('''
description: Joins
inputs: {names: [string]}
nodes:
  each: {kind: map, over: inputs.names, item: name, nodes: {one: {kind: join, texts: "[name, name]"}}}
  all: {kind: join, texts: inputs.names, between: " and "}
output: {text: "{{ all.text }}", twice: "{{ each }}"}
''')
async def main():
    project = Project(Path.cwd())
    assert check_file(project, Path("w.yaml")) == []
    async with Engine(project, pool=ScriptedModels(str)) as engine:
        return await engine.run("w.yaml", {"names": ["a", "b"]})
outcome = asyncio.run(main())
assert outcome.output == {"text": "a and b", "twice": [{"text": "a, a"}, {"text": "b, b"}]}, outcome
""",
    "A drafter": """
from types import SimpleNamespace
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.config import DraftingConfig
from agentflow.serving.speculative.speculator import Speculator
speculator = Speculator(DraftingConfig(max_draft=4), StepCost())
job = SimpleNamespace(grammar=None, prompt=[10, 20, 30], lookup=(), run="", drafting=True, max_tokens=50)
sequence = SimpleNamespace(job=job, slot=SimpleNamespace(id=0, tokens=[10, 20, 30]), grammar_on=False, left=50, draft=None, drafting=None)
speculator.begin(sequence)
speculator.wrote(sequence)
speculator.propose([sequence], room=16, busy=False)
guess = sequence.drafting.guess
assert (guess.source, guess.tokens) == ("counting", [40, 50, 60, 70]), guess
""",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is needed of the tree; the weights are linked."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("agentflow", "graphs", "tools", "evals"):
        shutil.copytree(bundled.ROOT / name, copy / name)  # with what Python has compiled of it
    shutil.copy(bundled.ROOT / "models.yaml", copy)
    for name in ("starter", "adapter", "ui"):
        (copy / name).symlink_to(bundled.ROOT / name)
    return copy


def carry_out(steps: list[tuple[str, str]], tree: Path) -> tuple[int, int]:
    """(new files, lines elsewhere). A line that gives a known name another value replaces it, others go into FORMATS."""
    files = lines = 0
    for name, code in steps:
        path = tree / name
        if not path.exists():
            path.write_text(code, "utf-8")
            files += 1
            continue
        text = path.read_text("utf-8")
        name_of = re.match(r"(\w+): .* = ", code)
        old = re.search(rf"^{name_of[1]}: .*\n" if name_of else r"^FORMATS = \{\n", text, re.MULTILINE)
        assert old, f"{name} has no place for {code}"
        path.write_text(text.replace(old[0], code if name_of else old[0] + code), "utf-8")
        lines += code.count("\n")
    return files, lines


def test_the_page_has_a_recipe_for_each_seam() -> None:
    assert RECIPES.keys() == PROOF.keys()


@pytest.mark.parametrize("title", PROOF)
def test_a_recipe_is_one_file_and_at_most_one_line_and_works(title: str, tree: Path) -> None:
    files, lines = carry_out(RECIPES[title], tree)
    assert files == 1 and lines <= 1
    code = "from pathlib import Path\n" + PROOF[title]
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
