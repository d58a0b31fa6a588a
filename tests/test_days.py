"""The page of working days: its folders are made, and what it quotes is still answered, by the model that ships."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agentflow import bundled

PAGE = " ".join((bundled.ROOT / "docs" / "days.md").read_text("utf-8").replace("\n> ", " ").split())
MAKE = bundled.ROOT / "examples" / "days" / "make_folders.py"


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("days")
    subprocess.run([sys.executable, str(MAKE), str(folder)], check=True, timeout=120)
    return folder


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
def test_what_the_page_quotes_is_still_answered(days: Path, folder: str, question: str) -> None:
    command = [sys.executable, "-m", "agentflow", "research", question, "--docs", ".", "--json"]
    done = subprocess.run(
        [*command, "--model", "smollm2-research"], cwd=days / folder, check=False, capture_output=True, timeout=250
    )
    assert done.returncode == 0, done.stderr.decode()
    assert question in PAGE and json.loads(done.stdout)["answer"] in PAGE
