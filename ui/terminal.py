"""Terminals whose locale is not UTF-8: what they cannot show becomes a look-alike, what they send does no harm."""

import codecs
import signal
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

        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored, and Keys could end nothing
        linux_driver.getincrementaldecoder = lambda name: partial(KeyDecoder, "replace")  # type: ignore[attr-defined]


class KeyDecoder(codecs.getincrementaldecoder("utf-8")):  # type: ignore[misc]
    """What is typed. Textual's own decoder ends the app at a byte that is no UTF-8 (é in Latin-1), and at the end of the
    input, when the terminal is gone without a signal, its reader would go round and round."""

    def decode(self, data: bytes, final: bool = False) -> str:
        if not data and not final:
            signal.raise_signal(signal.SIGHUP)
        return str(super().decode(data, final))


def look_alike(error: UnicodeError) -> tuple[str, int]:
    """As wide as what it stands for, so that nothing is shifted."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(ALIKE.get(char, "?" * cell_len(char)) for char in text), error.end
