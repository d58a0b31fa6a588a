"""What a command hands out: to a file and to standard output, so that trouble with one does not cost the other."""

import json
import os
import re
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer

from agentflow.errors import AgentflowError
from agentflow.events import Event
from agentflow.storage.handed_out import hand_out
from agentflow.text.markup import unescaped
from agentflow.text.plain import ACTING, plain


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """The one way for a command to print text: what a document or a model brings along never acts in the terminal."""
    typer.echo(plain(text), err=err, nl=nl)


def show_markdown(markdown: str) -> None:
    """Set for a terminal; as text to read in a pipe; as Markdown in a file."""
    from rich.markdown import Markdown

    from agentflow.cli.terminal import Terminal

    console = Terminal()
    if console.is_terminal:
        console.print(Markdown(markdown, hyperlinks=False))
    else:
        say(markdown if _into_file() else unescaped(markdown), nl=False)


def _into_file() -> bool:
    """Whether standard output was sent to a file, which may be read as Markdown."""
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON for standard output that a terminal may be shown too: what would act stands as `\\uXXXX`, which says the same."""
    if not (sys.stdout.encoding or "").lower().startswith("utf"):
        return json.dumps(value, indent=indent, default=str)
    return ACTING.sub(_numbered, json.dumps(value, ensure_ascii=False, indent=indent, default=str))


def print_event(event: Event) -> None:
    say(json_text(event.to_json()))


def _numbered(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def deliver(path: Path, data: bytes, show: Callable[[], None], *, state: Path, kept: str) -> None:
    """Writes the file and shows the same; what failed is raised after both were tried. `state` is the project's folder, `kept`
    tells the way back."""
    troubles: list[str] = []
    try:
        hand_out(path, data, state)
    except AgentflowError as error:
        troubles.append(error.message)
    try:
        show()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough
        if not troubles:
            raise
    except OSError as error:
        _drop_stdout()
        troubles.append(f"cannot print ({error.strerror})")
    if troubles:
        raise AgentflowError("; ".join(troubles), f"nothing is lost: {kept}")


def write_or_print(path: Path, text: str, state: Path) -> None:
    """Raises as `hand_out`, but only after the text was printed instead."""
    try:
        hand_out(path, text.encode(), state)
    except AgentflowError:
        sys.stdout.write(text)
        sys.stdout.flush()
        raise


def warn_early(path: Path) -> None:
    """Says before a long run that its file will not be writable; it is printed all the same."""
    folder = path.parent
    if path.is_dir():
        trouble = "it is a folder"
    elif not folder.is_dir():
        trouble = f"there is no folder {folder}"
    elif not os.access(folder, os.W_OK):
        trouble = f"the folder {folder} cannot be written"
    else:
        return
    print(f"note: {path} cannot be written, {trouble}: the result will be printed", file=sys.stderr)


def tolerate_any_text() -> None:
    """A character that the terminal's encoding lacks is shown as its number instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", "") == "strict" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _drop_stdout() -> None:
    """What could not be printed is not tried again when the interpreter ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
