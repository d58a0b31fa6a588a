"""Whether a command line names commands and options that there are."""

import re
import shlex

import typer

from agentflow.cli import app

COMMAND = typer.main.get_command(app)


def check_command(line: str, where: str = "") -> None:
    """`line` begins with `agentflow`."""
    name, *words = shlex.split(line)
    assert name == "agentflow", f"{where}: {line!r}"
    command = COMMAND
    while words and (known := getattr(command, "commands", None)):
        if words[0].startswith("-"):
            break
        assert words[0] in known, f"{where}: agentflow has no command {words[0]!r} in {line!r}"
        command = known[words.pop(0)]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        if re.match(r"--?[a-z]", word):
            assert word.split("=")[0] in {*options, "--help"}, f"{where}: {line!r} has no option {word}"
