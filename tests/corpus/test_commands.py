"""`agentflow ingest`, `search` and `corpus ...` by words alone: no model is started."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentflow.cli import app
from agentflow.errors import AgentflowError


def run(project: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--project", str(project)], catch_exceptions=False)


def test_ingest_search_and_look_after_a_corpus(folder: Path) -> None:
    project = folder.parent
    (folder / "bad.pdf").write_bytes(b"no")
    done = run(project, "ingest", str(folder), "--lexical")
    assert done.exit_code == 0 and "5 added, 1 failed" in done.output and "not a PDF" in done.output
    found = json.loads(run(project, "search", "--lexical", "--json", "fuel of the engine").stdout)
    best = found["passages"][0]
    assert best["place"] == {"path": "docs/deep/rockets.md", "line": 2, "page": None, "part": "", "ocr": None}
    assert best["source"] == "Notes on rockets" and best["sentences"][0]["number"] == 1
    shown = run(project, "search", "--lexical", "harbour")
    assert "docs/plain.txt:1" in shown.output
    for option, value in (("--type", "foo"), ("--path", "nope/*"), ("--since", "2999")):
        with pytest.raises(AgentflowError, match="no document fits the filter"):
            run(project, "search", "--lexical", "harbour", option, value)
    with pytest.raises(AgentflowError, match="no collection 'nope'"):
        run(project, "search", "--lexical", "harbour", "--in", "nope")
    status = json.loads(run(project, "corpus", "status", "--json").stdout)
    assert (status["documents"], status["failed"]) == (5, [["docs/bad.pdf", "not a PDF: it does not begin with %PDF-"]])
    assert len(json.loads(run(project, "corpus", "list", "--json").stdout)) == 6
    assert run(project, "corpus", "verify").exit_code == 0
    assert run(project, "corpus", "remove", "docs/deep").output == "removed 1 documents\n"


def test_documents_cannot_command_the_terminal(folder: Path) -> None:
    (folder / "evil.txt").write_text("Harbour \x1b]52;c;ZXZpbA==\x07 [bold red]markup[/] \u202ereversed", "utf-8")
    run(folder.parent, "ingest", str(folder), "--lexical")
    shown = run(folder.parent, "search", "--lexical", "reversed markup").output
    assert "\x1b" not in shown and "\x07" not in shown and "\u202e" not in shown
    assert "[bold red]markup[/]" in shown


def test_without_a_corpus_the_way_to_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(AgentflowError, match="no database") as caught:
        run(tmp_path, "search", "--lexical", "tea")
    assert "agentflow ingest" in caught.value.hint


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AgentflowError, match="no such file or folder"):
        run(tmp_path, "ingest", "--lexical", str(tmp_path / "nowhere"))
