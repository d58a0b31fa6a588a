"""The examples of the docs run, and the published schema is the one the code has and accepts every shipped file."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agentflow.corpus.ingest.ingest import ingest
from agentflow.engine import Engine
from agentflow.graphs import check_file
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.storage.yamlfile import load_yaml
from agentflow.testing import ScriptedModels
from scripts.schemas import workflow_schema

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = re.compile(r"<!-- example: (\S+) inputs: (.*?) -->\n```yaml\n(.*?)```", re.DOTALL)
EXAMPLES = EXAMPLE.findall((DOCS / "workflows.md").read_text("utf-8"))


def reply(request: Request) -> Any:
    values = {
        "sentences": [1],
        "claims": [{"evidence": [1], "text": "Cats sleep."}],
        "support": "supported",
        "tone": "calm",
        "good": True,
    }
    return {name: values.get(name, "text") for name in (request.schema or {}).get("properties", {})}


@pytest.mark.parametrize(("name", "inputs", "text"), EXAMPLES, ids=[name for name, *_ in EXAMPLES])
async def test_a_complete_file_of_the_docs_runs_as_written(name: str, inputs: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "models.yaml").write_text("models: {}\n")
    (tmp_path / "cats.md").write_text("# Cats\n\nCats sleep for sixteen hours a day.\n")
    path = tmp_path / name
    path.write_text(text)
    project = Project(tmp_path)
    assert check_file(project, path) == []
    async with Engine(project, pool=ScriptedModels(reply)) as engine:
        await ingest(engine.corpus, [tmp_path / "cats.md"], embedder=None)
        outcome = await engine.run(str(path), json.loads(inputs))
        if outcome.question:
            answer = {"approved": True, "binding": outcome.question[0]["value"]["binding"]}
            outcome = await engine.resume(outcome.run, answer=answer)
    assert outcome.status == "done" and all(outcome.output.values())


def test_there_are_three_examples() -> None:
    assert len(EXAMPLES) == 3


def test_the_published_schema_takes_shipped_files_and_refuses_a_wrong_key() -> None:
    validator = Draft202012Validator(workflow_schema())
    for path in (DOCS.parent / "graphs").glob("*.yaml"):
        data, _ = load_yaml(path)
        assert [error.message for error in validator.iter_errors(data)] == []
        data["nodes"]["wrong"] = {"kind": "search", "query": "q", "colour": "red"}
        assert not validator.is_valid(data)
