"""Folders that cannot be written, terminals without Unicode, questions that are no text: a clear word, nothing lost."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentflow.cli import app
from agentflow.cli.output import deliver, warn_early
from agentflow.errors import AgentflowError, unwritable
from agentflow.runs.outcome import Outcome
from agentflow.status import RunStatus
from agentflow.text.words import legible
from agentflow.usage import Usage

Run = Callable[..., Any]


def test_a_result_is_shown_when_its_file_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path / "no" / "r.md", tmp_path, Path("/proc/r.md")):
        with pytest.raises(AgentflowError, match="cannot write") as caught:
            deliver(path, b"text", lambda: print("the report"), state=tmp_path, kept="agentflow runs export r1")
        assert capsys.readouterr().out == "the report\n" and "runs export r1" in caught.value.hint
    warn_early(tmp_path / "no" / "r.md")
    assert "no folder" in capsys.readouterr().err
    warn_early(tmp_path / "r.md")
    assert capsys.readouterr().err == ""


def test_a_result_is_written_when_it_cannot_be_shown(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from agentflow.cli.output import deliver\n"
        "deliver(Path(sys.argv[1]), b'text', lambda: print('x' * 100_000), state=Path(sys.argv[1]).parent, kept='nothing')"
    )
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "r.md")], check=False, stdout=full, stderr=subprocess.PIPE
        )
    assert (tmp_path / "r.md").read_bytes() == b"text" and b"cannot print" in done.stderr


def test_a_terminal_without_unicode(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "Größe.md").write_text("# Die Größe – 漢字 😀\n\nThe size is 5 metres.\n")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for command in ("ingest docs --lexical", "corpus list", "corpus list --json", "search size --lexical --json"):
        arguments = [sys.executable, "-m", "agentflow", *command.split()]
        done = subprocess.run(arguments, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
        done.stdout.encode("ascii")


def test_a_question_in_bytes_that_are_no_utf_8(run: Run, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "tide.md").write_text("The café closes at the tide.\n")
    assert run("ingest", "docs", "--lexical").code == 0
    ran = run("search", "caf\udce9", "--lexical", "--json")
    assert ran.code == 0 and '"query": "café"' in ran.out and "tide.md" in ran.out
    assert legible("\udce9\ud800x😀") == "é?x😀"


def test_a_place_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("The ferry leaves at nine.\n")
    (tmp_path / ".agentflow").write_text("a file where the state should lie")
    for command in (("ingest", "docs", "--lexical"), ("research", "When?", "--docs", "docs"), ("corpus", "status")):
        ran = run(*command)
        assert ran.code == 1 and "error: " in ran.err and "Traceback" not in ran.err and ".agentflow" in ran.err
    assert unwritable(OSError(5, "Input/output error", "x")) is None, "not one that a person can mend"


def test_a_project_on_a_read_only_file_system(tmp_path: Path) -> None:
    """Root may write into any folder, so the file system itself must refuse."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("The ferry leaves at nine.\n")
    inner = (
        'mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && ! touch probe && exec "$0" -m agentflow "$@"'
    )
    if (
        not shutil.which("unshare")
        or subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("needs the right to mount")
    for command in ("ingest docs --lexical", "init .", "search ferry --lexical"):
        arguments = ["unshare", "-m", "bash", "-c", inner, sys.executable, *command.split()]
        done = subprocess.run(arguments, cwd=tmp_path, check=False, capture_output=True, text=True)
        assert "Read-only file system" in done.stderr and done.returncode == 1, done.stderr
        assert done.stderr.count("error: ") == 1 or command.startswith("search"), done.stderr
        assert "Traceback" not in done.stderr


def test_a_run_that_waits_writes_the_file_it_was_told_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def waits(*_: object, **__: object) -> Outcome:
        return Outcome("r1", RunStatus.PAUSED, {}, Usage(), 1.0, "tiny", message="the weights of tiny are not here")

    monkeypatch.setattr("agentflow.cli.session.run_session", waits)
    monkeypatch.chdir(tmp_path)
    asked = CliRunner().invoke(app, ["research", "How wide is it?", "--out", "r.md"])
    assert asked.exit_code == 3 and "the weights of tiny are not here" in asked.stderr
    assert "**The run paused.** the weights of tiny are not here" in (tmp_path / "r.md").read_text()
    assert CliRunner().invoke(app, ["research", "How wide is it?"]).exit_code == 3
    assert [path.name for path in tmp_path.iterdir()] == ["r.md"]
