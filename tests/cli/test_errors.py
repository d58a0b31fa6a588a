"""What a person can do wrong: two lines that say what and what to do, an exit code, no traceback, nothing lost."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow import bundled

Run = Callable[..., Any]
FACT = "The ferry leaves at nine.\n"


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def assert_two_lines(ran: Any, code: int, *words: str) -> None:
    lines = ran.err.strip().splitlines()
    assert ran.code == code, ran
    assert lines[-2].startswith("error: ") and lines[-1].startswith("hint: "), ran.err
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err, ran.err


def test_the_version_is_told_as_an_option_and_as_a_command(run: Run) -> None:
    option, command = run("--version"), run("version")
    assert option.code == 0 and option.out == command.out and option.out.strip()[0].isdigit()


def test_a_folder_that_is_not_there(run: Run) -> None:
    assert_two_lines(run("ingest", "nowhere"), 1, "nowhere")
    assert_two_lines(run("research", "When?", "--docs", "nowhere"), 1, "nowhere")


def test_a_folder_without_documents(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert_two_lines(run("research", "When?", "--docs", "empty"), 1, "empty")


def test_only_files_that_cannot_be_read_are_named_with_the_reason(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "bad" / "noise.bin", bytes(range(256)) * 8)
    assert_two_lines(run("ingest", "bad"), 1, "the only file in bad could not", "noise.bin", "binary")


def test_a_question_without_any_document(run: Run) -> None:
    assert_two_lines(run("research", "When?"), 1, "no documents", "--docs")


def test_a_pdf_that_is_not_one_is_reported_and_the_rest_is_read(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "docs" / "fake.pdf", "no pdf at all")
    write(tmp_path / "docs" / "ferry.txt", FACT)
    ran = run("ingest", "docs", "--lexical")
    assert ran.code == 0 and "Traceback" not in ran.err
    status = run("corpus", "status")
    assert "fake.pdf" in status.out


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("models:\n  a:\n    backend: llama\n    weights: x.gguf\n    contxt: 3\n", "models.yaml:5:5", "contxt"),
        ("models:\n  a:\n    backend: llama\n    backend: llama\n", "models.yaml:4:5", "backend"),
        ("models:\n  a:\n    backend: llama\n    weights: x.gguf\n    context: many\n", "models.yaml:5:14", "context"),
        ("models: [\n", "models.yaml:", ""),
    ],
    ids=["unknown key", "duplicate key", "wrong type", "no YAML"],
)
def test_a_broken_models_file_is_refused_with_line_and_column(
    run: Run, tmp_path: Path, text: str, place: str, word: str
) -> None:
    write(tmp_path / "models.yaml", text)
    write(tmp_path / "docs" / "ferry.txt", FACT)
    ran = run("research", "When?", "--docs", "docs")
    assert ran.code == 2 and place in ran.err and word in ran.err and "Traceback" not in ran.err


def test_an_unknown_model_is_refused_with_the_known_ones(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "docs" / "ferry.txt", FACT)
    assert_two_lines(run("research", "When?", "--docs", "docs", "--model", "nope"), 1, "nope", "starter")


@pytest.mark.parametrize("kept", [None, 100_000], ids=["missing", "truncated"])
def test_weights_that_are_missing_or_cut_pause_the_run_and_name_the_file(
    run: Run, tmp_path: Path, kept: int | None
) -> None:
    if kept:
        whole = (bundled.ROOT / "starter" / "weights" / "starter.gguf").read_bytes()
        write(tmp_path / "cut.gguf", whole[:kept])
    write(tmp_path / "models.yaml", "models:\n  mine: {backend: llama, weights: cut.gguf}\n")
    write(tmp_path / "docs" / "ferry.txt", FACT)
    ran = run("research", "When?", "--docs", "docs", "--model", "mine")
    assert ran.code in (1, 3) and "cut.gguf" in ran.err and "Traceback" not in ran.err


@pytest.mark.parametrize("option", ["tokens", "tokens=many", "wishes=3", "=4"])
def test_a_budget_that_is_none(run: Run, option: str) -> None:
    assert_two_lines(run("research", "When?", "--budget", option), 1)


def test_an_unknown_command_is_a_usage_error(run: Run) -> None:
    assert run("frobnicate").code == 2


def test_a_tool_or_graph_that_fails_is_told_by_its_line_and_hides_no_other(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "tools" / "mine.py", "def mine(:\n")
    write(tmp_path / "graphs" / "own.py", "X = 1\nimport nothing_of_this_name\n")
    assert_two_lines(run("tools", "show", "mine"), 2, "mine.py:1:1", "SyntaxError")
    assert_two_lines(run("run", "own"), 2, "own.py:2:1", "nothing_of_this_name")
    listed = run("tools", "list")
    assert listed.code == 0 and "cannot be loaded" in listed.out and "web_search" in listed.out


def test_help_tells_whole_sentences_in_plain_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    pages = [run("--help").out, *(run(*words, "--help").out for words in (("watch",), ("research",), ("api", "keys")))]
    assert "every claim with an exact\n" in pages[0]
    for page in pages:
        assert not re.search(r"<(list\[)?(str|Path|path|int)", page) and "...\n" not in page.partition("Commands:")[2]
    assert "[FOLDER]..." in pages[1] and "--docs PATH" in pages[2]


@pytest.mark.parametrize("words", [("research", "???"), ("ask", "last", "?!"), ("search", " - "), ("enqueue", "…")])
def test_a_question_without_a_word_is_refused_at_once(run: Run, words: tuple[str, ...]) -> None:
    assert_two_lines(run(*words), 1, "no word in the question", "for example")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("research", "How long?", "--depth", "fast"), "Invalid value for '--depth': 'fast' is not one of"),
        (("research", "How long?", "--rounds", "x"), "it is no whole number"),
        (("research", "How", "long"), "in quotes; not expected: (long)"),
        (("export", "last"), "No such command 'export'. Did you mean 'eval export' or 'runs export'?"),
        (("reserch", "x"), "Did you mean 'research'"),
    ],
)
def test_what_was_typed_wrong_is_told_in_words(run: Run, words: tuple[str, ...], told: str) -> None:
    ran = run(*words)
    assert ran.code == 2 and told in " ".join(ran.err.split())
