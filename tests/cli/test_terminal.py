"""Text of documents, models and file names that a command prints: shown, but a terminal finds nothing in it to obey."""

import io
import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.live import Live
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from agentflow import events
from agentflow.cli import app
from agentflow.cli.live import LiveView
from agentflow.cli.output import json_text, say
from agentflow.cli.progress_lines import ProgressLines
from agentflow.cli.runs_view import line_of, show_diff, show_list
from agentflow.cli.terminal import Terminal
from agentflow.runs.diff import Change, RunDifference
from agentflow.runs.run import Run
from agentflow.status import RunStatus
from agentflow.text.plain import ACTING, plain

HOSTILE = [
    "\x1b[2J\x1b[Hgone", "\x1b]0;title\x07", "\x1b]8;;http://evil.invalid\x1b\\here\x1b]8;;\x1b\\", "\x1b]52;c;SE9T\x07", "\x9b31mred",
    "\x1bP+q544e\x1b\\", "\x1bc", "safe\rovertype", "a\x08\x08b", "\u202eright to left\u202c", "[bold]not bold[/bold]", "[/]", "\x07\x00",
]  # fmt: skip
ALL = " ".join(HOSTILE)


def drawn(*items: object, width: int = 60) -> str:
    """What reaches a terminal of this width, without the colours that a terminal would be sent."""
    console = Terminal()
    console.file, console.width = io.StringIO(), width
    console.print(*items)
    return console.file.getvalue()


def acts(shown: str) -> list[str]:
    return ACTING.findall(shown)


@settings(max_examples=25, deadline=None)
@given(st.text() | st.lists(st.sampled_from(HOSTILE)).map("".join), st.integers(8, 80))
def test_nothing_drawn_acts(text: str, width: int) -> None:
    table = Table(text)
    table.add_row(text, Text(text, "bold"))
    for item in (text, Text(text), table, Panel(Text(text), title=Text(text)), Markdown(text, hyperlinks=False)):
        assert not acts(drawn(item, width=width))


def test_colours_and_the_moves_of_a_live_view_still_reach_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    console = Terminal()
    console.file = io.StringIO()
    with Live(Text(f"{ALL} one", "red"), console=console, auto_refresh=False) as live:
        live.refresh()
        live.refresh()
    shown = console.file.getvalue()
    assert all(ours in shown for ours in ("\x1b[?25l", "\x1b[2K", "\x1b[31m"))
    assert not any(theirs in shown for theirs in ("\x1b[2J", "\x1b]", "\x1bP", "\x1bc", "\x9b"))


@given(st.text() | st.lists(st.sampled_from(HOSTILE)).map("".join))
def test_json_says_the_same_and_does_not_act(text: str) -> None:
    shown = json_text({text: [text]})
    assert not acts(shown) and json.loads(shown) == {text: [text]}


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_said_does_not_act(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(text)
    say(text, err=True)
    out, err = capsys.readouterr()
    assert out == err == f"{plain(text)}\n" and not acts(out)


def test_an_escape_that_never_ends_hides_nothing() -> None:
    assert plain("before \x1b]0;no end, 12 bar\nafter") == "before 0;no end, 12 bar\nafter"
    assert plain("می\u200cخواهم") == "می\u200cخواهم"


def hostile(kind: type[events.Event]) -> events.Event:
    """An event whose every text is hostile."""
    filled: dict[Any, Any] = {
        str: ALL, int: 1, float: 1.0, list[str]: [ALL], dict[str, Any]: {ALL: ALL}, dict[str, str]: {ALL: ALL},
        dict[str, float]: {ALL: 1.0}, RunStatus: RunStatus.FAILED,
    }  # fmt: skip
    values: dict[str, Any] = {field.name: filled[field.type] for field in fields(kind) if field.type in filled}
    return kind(**values)


KINDS = [
    kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, events.Event) and kind is not events.Event
]


def test_a_live_view_and_a_followed_run_draw_hostile_events(capsys: pytest.CaptureFixture[str]) -> None:
    view = LiveView(Terminal(stderr=True))
    for kind in KINDS:
        event = hostile(kind)
        view(event)
        say(line_of(event))
        say(json_text(event.to_json()))
    view.console.print(view.render())
    out, err = capsys.readouterr()
    assert "gone" in out and "gone" in err and not acts(out + err)


def test_long_work_tells_where_it_is_in_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1000, 6))
    monkeypatch.setattr("agentflow.cli.progress_lines.time.monotonic", lambda: next(clock))
    lines = ProgressLines(Terminal(stderr=True))
    for done in range(1, 8):
        lines(events.Progress(task="files", done=done, total=1000, unit="files"))
    lines(events.Progress(task="starting", done=3, total=0, unit="s"))
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "files: 2 of 1,000 files" and len(told) == 4 and told[-1] == "starting: 3 s"


def test_markdown_is_text_in_a_pipe_and_markdown_in_a_file(tmp_path: Path) -> None:
    code = "from agentflow.cli.output import show_markdown; show_markdown('the\\\\_limit\\n')"
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout == b"the_limit\n"
    with (tmp_path / "a.md").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert (tmp_path / "a.md").read_text() == "the\\_limit\n"


def test_a_difference_of_hostile_runs(capsys: pytest.CaptureFixture[str]) -> None:
    sides: dict[str, list[Any]] = {"gone": [ALL, {"text": ALL}], "new": [ALL]}
    change = Change({"text": ALL}, {"quote": ALL, "support": ALL})
    pair, ends = (ALL, "other"), (RunStatus.FAILED, RunStatus.DONE)
    show_diff(
        RunDifference(
            a="a", b="b", status=ends, answer=pair, models={}, inputs={ALL: pair}, cost={}, plan=sides, evidence=sides,
            claims={**sides, "changed": [change]},
        )
    )  # fmt: skip
    assert not acts(capsys.readouterr().out)


def test_commands_over_a_hostile_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "tea\x1b[2J\n[bold].md").write_text(f"# Tea {ALL}\n\nTea is brewed at 80 degrees {ALL}.\n")
    (docs / "lost\x9b31m.pdf").write_bytes(b"%PDF-1.4 \x1b[2J")
    runner = CliRunner()
    for command in (
        ["init", "."],
        ["ingest", "docs", "--lexical"],
        ["search", f"tea degrees {ALL}", "--lexical"],
        ["search", "tea", "--lexical", "--json"],
        ["corpus", "list"],
        ["corpus", "status"],
        ["corpus", "status", "--json"],
    ):
        result = runner.invoke(app, command)
        assert not acts(result.output), command
        assert result.exit_code == 0 or command[0] == "init", (command, result.output)


@pytest.mark.parametrize(("width", "left_out"), [(50, "started"), (80, "graph"), (120, "")])
def test_a_narrow_list_of_runs_cuts_no_cell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int, left_out: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    asked = {"question": "When does the rent rise?"}
    run = Run(
        1, "20261203-053122-92d7", "research", "", "", asked, {"default": "smollm2-research"}, {}, "", "", 1.0,
        RunStatus.ANSWERED, "", {}, None, 2.0,
    )  # fmt: skip
    show_list([run])
    head, *rows = capsys.readouterr().out.splitlines()
    assert "about" in head and "…" not in " ".join(rows) and not (left_out and left_out in head)
