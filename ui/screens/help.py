"""All keys: of the screen one came from, and everywhere."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

EVERYWHERE = (
    ("1 … 5", "home, corpus, models, workflows, evals (outside of a text field)"),
    ("ctrl+p", "command palette: everything by name"),
    ("ctrl+t", "next theme: ink, paper, contrast, plain"),
    ("tab, shift+tab", "to the next or previous part of the screen"),
    ("↑ ↓  j k", "move in a list; enter opens"),
    ("esc", "back; out of a text field"),
    ("ctrl+q", "quit; a run goes on by itself"),
)
NAMES = {"question_mark": "?", "slash": "/", "delete": "del", "escape": "esc", "left": "←", "right": "→"}


class HelpScreen(ModalScreen[None]):
    BINDINGS = [("escape,q,f1,question_mark", "dismiss", "Close")]
    DEFAULT_CSS = "HelpScreen .dialog { height: auto; max-height: 90%; scrollbar-size-vertical: 1; }"

    def __init__(self, of: Screen[object]) -> None:
        super().__init__()
        self.rows = keys_of(of)
        self.of = type(of).__name__.removesuffix("Screen")

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Static(_table(f"{self.of}", self.rows), markup=False)
            yield Static(_table("\nEverywhere", EVERYWHERE), markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).border_title = "Keys"


def keys_of(screen: Screen[object]) -> list[tuple[str, str]]:
    """The screen's own bindings that say what they do."""
    rows = []
    for binding in type(screen).BINDINGS:
        entry = binding if isinstance(binding, Binding) else Binding(*binding)
        if entry.description:
            keys = "  ".join(NAMES.get(key.strip(), key.strip()) for key in entry.key.split(","))
            rows.append((keys, entry.description))
    return rows


def _table(title: str, rows: "list[tuple[str, str]] | tuple[tuple[str, str], ...]") -> Content:
    lines = [Content.styled(title, "bold $primary")]
    lines += [Content.assemble((f"  {keys:<16}", "bold $accent"), about) for keys, about in rows]
    return Content("\n").join(lines)
