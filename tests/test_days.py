"""The page of working days: its folders are made, and what it quotes is still answered, by the model that ships."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentflow import bundled
from agentflow.cli import app

PAGE = " ".join((bundled.ROOT / "docs" / "days.md").read_text("utf-8").replace("\n> ", " ").split())
MAKE = bundled.ROOT / "examples" / "days" / "make_folders.py"


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("days")
    subprocess.run([sys.executable, str(MAKE), str(folder)], check=True, timeout=120)
    return folder


def agentflow(*words: str) -> str:
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def servers() -> Iterator[None]:
    """The models run on from one question to the next."""
    with tempfile.TemporaryDirectory(prefix="af-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AGENTFLOW_RUNTIME", folder)
        for name in ("smollm2-research", "minilm"):
            agentflow("models", "start", name)
        yield
        agentflow("models", "stop", "--all")


def test_each_person_of_the_page_has_a_folder(days: Path) -> None:
    made = sorted(path.name for path in days.iterdir())
    assert made == sorted("archive clinic club contract house incident libraries newsroom practice thesis".split())
    assert all(f"~/days/{name}" in PAGE for name in made)
    assert len(list((days / "thesis" / "papers").glob("*.pdf"))) == 10


@pytest.mark.parametrize(
    ("folder", "question"),
    [
        ("contract", "What is the rent?"),
        ("club", "How high is the annual fee?"),
        ("clinic", "What is the dose of ramipril of Mr Albrecht?"),
        ("practice", "Who is on reception on Thursday 21 November?"),
        ("house", "Warum ist der Keller feucht?"),
    ],
)
def test_what_the_page_quotes_is_still_answered(
    days: Path, servers: None, folder: str, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(days / folder)
    said = agentflow("research", question, "--docs", ".", "--json", "--model", "smollm2-research")
    assert question in PAGE and json.loads(said)["answer"] in PAGE
