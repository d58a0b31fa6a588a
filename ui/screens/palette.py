"""The command palette, without the traceback that Textual's shows when it is closed before its first search begins."""

from contextlib import suppress

from textual import work
from textual.command import CommandPalette
from textual.css.query import NoMatches


class Palette(CommandPalette):
    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        with suppress(NoMatches):  # its list has gone with it
            await CommandPalette._gather_commands.__wrapped__(self, search_value)  # type: ignore[attr-defined]
