"""A corpus in a temporary project, and a folder of self-written documents."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentflow.corpus.store import Corpus
from agentflow.testing import HashEmbedder

DATA = Path(__file__).parent / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    (root / "deep").mkdir(parents=True)
    shutil.copy(DATA / "tea.rst", root)
    shutil.copy(DATA / "rockets.md", root / "deep")
    (root / "plain.txt").write_text("The harbour closes in winter. Ships wait outside.\n", "utf-8")
    (root / "table.csv").write_text('city,people\nOslo,"717,710"\nBergen,291940\n', "utf-8")
    (root / "code.py").write_text("def launch(pad):\n    return pad + 1\n", "utf-8")
    return root


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    opened = Corpus.open(tmp_path / ".agentflow" / "agentflow.db", create=True)
    yield opened
    opened.close()


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()
