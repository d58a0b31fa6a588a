"""Terminals whose locale is not UTF-8: what they cannot show becomes a look-alike, what they send does no harm."""

import codecs
import sys
from contextlib import suppress
from functools import partial
from io import TextIOWrapper

from rich.cells import cell_len

ALIKE = {
    **dict.fromkeys("─━═–—", "-"), **dict.fromkeys("│┃║▌▐▏▎▍▋▊▉", "|"), **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼", "+"),
    **dict.fromkeys("█▇▆▅▄▃▂▁■◆", "#"), **dict.fromkeys("░▒▓·…", "."), **dict.fromkeys("“”„", '"'), **dict.fromkeys("’‘", "'"),
    **dict.fromkeys("→▸", ">"), **dict.fromkeys("←◂", "<"), "●": "*", "○": "o", "◇": "o", "◐": "~", "∅": "0", "✓": "v", "✗": "x",
    "‖": "=", "↻": "@", "↑": "^", "↓": "v", "×": "x",
}  # fmt: skip


def prepare() -> None:
    """To be called before the app runs."""
    out = sys.__stderr__  # where Textual draws
    if isinstance(out, TextIOWrapper) and codecs.lookup(out.encoding).name != "utf-8":
        codecs.register_error("look-alike", look_alike)
        out.reconfigure(errors="look-alike")
    with suppress(ImportError):  # Windows has another driver
        from textual.drivers import linux_driver

        # A byte that is no UTF-8 (é typed in Latin-1) would end the app: Textual decodes its input strictly.
        linux_driver.getincrementaldecoder = lambda name: partial(codecs.getincrementaldecoder(name), "replace")  # type: ignore[attr-defined]


def look_alike(error: UnicodeError) -> tuple[str, int]:
    """As wide as what it stands for, so that nothing is shifted."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(ALIKE.get(char, "?" * cell_len(char)) for char in text), error.end
