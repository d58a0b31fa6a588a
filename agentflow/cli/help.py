"""Help as a person reads it: what each command does in whole sentences, no names of Python's types, and what was typed
wrong in words."""

import re
from typing import Any

from typer.core import TyperGroup

LONGEST = 300  # characters of a sentence
WORDS = {"str": "TEXT", "path": "PATH", "Path": "PATH", "file": "FILE", "int": "N", "float": "N"}
SAID = {
    "Value error, ": "",
    "Input should be a valid integer, unable to parse string as an integer": "it is no whole number",
    "Input should be a valid number, unable to parse string as a number": "it is no number",
    "Got unexpected extra argument(s)": "put a question or a name of several words in quotes; not expected:",
}


class Commands(TyperGroup):
    def format_commands(self, ctx: Any, formatter: Any) -> None:
        named = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [
            (name, command.get_short_help_str(LONGEST)) for name, command in named if command and not command.hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        command = super().get_command(ctx, cmd_name)
        for parameter in command.params if command else []:
            _worded(ctx, parameter)
        return command

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if hasattr(error, "message") and hasattr(error, "ctx"):  # of what was typed
                error.message = self._told(error.message)
            raise

    def _told(self, message: str) -> str:
        for raw, words in SAID.items():
            message = message.replace(raw, words)
        wanted = re.match(r"No such command '([\w-]+)'", message)
        homes = [
            f"'{name} {wanted[1]}'"
            for name, group in self.commands.items()
            if wanted and wanted[1] in getattr(group, "commands", ())
        ]
        return f"{message.partition(' Did you mean')[0]} Did you mean {' or '.join(homes)}?" if homes else message


def _worded(ctx: Any, parameter: Any) -> None:
    """Newer versions of typer show `<list[Path]>`, and put dots and brackets of their own around a name."""
    if not hasattr(parameter, "display_type"):
        return
    kind = parameter.display_type(ctx).strip("<>").removeprefix("list[").removesuffix("]").removesuffix(" range")
    if parameter.param_type_name == "argument":
        parameter.metavar = (parameter.metavar or parameter.name.upper()).strip("[]").removesuffix("...")
        parameter.display_type_rich = lambda ctx: None
    elif parameter.metavar is None and kind in WORDS:
        parameter.metavar = WORDS[kind]
