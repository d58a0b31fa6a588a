"""A form made from a workflow's typed inputs."""

import json
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Checkbox, Input, Select, Static

from ..backend import InputField
from ..text import line, plain


class Form(ModalScreen[dict[str, Any] | None]):
    """Dismissed with the inputs, or None."""

    BINDINGS = [Binding("ctrl+s", "run_it", "Run", priority=True), Binding("escape", "dismiss(None)", "Back")]
    DEFAULT_CSS = """
    Form .about { margin-top: 1; }
    Form #problem { height: auto; }
    Form Checkbox { border: none; background: $surface; }
    """

    def __init__(self, name: str, fields: list[InputField]) -> None:
        super().__init__()
        self.heading, self.fields = name, fields

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            for field in self.fields:
                needed = " · needed" if field.required else ""
                about = Content.assemble(
                    (field.name, "bold"), (f"  {field.kind}{needed}  {line(field.help)}", "$text-muted")
                )
                yield Static(about, classes="about", markup=False)
                yield _editor(field)
            yield Static(Content(""), id="problem", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("Back (esc)"), id="no")
                yield Button(Content("Run (ctrl+s)"), id="yes", variant="primary")

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = Content(self.heading)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.action_run_it() if event.button.id == "yes" else self.dismiss(None)

    def on_input_submitted(self) -> None:
        self.focus_next()

    def action_run_it(self) -> None:
        """The engine checks the values again; here only what can be said at once is said."""
        values: dict[str, Any] = {}
        for field in self.fields:
            try:
                value = _value(field, self.query_one(f"#field-{field.name}"))
            except ValueError as error:
                self.query_one("#problem", Static).update(
                    Content.styled(f"\n{field.name}: {line(str(error))}", "$text-error")
                )
                self.query_one(f"#field-{field.name}").focus()
                return
            if value is not None:
                values[field.name] = value
        self.dismiss(values)


def _editor(field: InputField) -> Input | Checkbox | Select[str]:
    id, default = f"field-{field.name}", field.default
    if field.kind == "yes":
        return Checkbox("yes", bool(default), id=id)
    if field.choices:
        chosen = str(default) if default is not None else field.choices[0]
        return Select([(plain(choice), choice) for choice in field.choices], value=chosen, allow_blank=False, id=id)
    text = "" if default is None else default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)
    kind: Any = field.kind if field.kind in ("integer", "number") else "text"
    return Input(text, type=kind, id=id, placeholder="[1, 2] or {…}: JSON" if field.kind == "json" else "")


def _value(field: InputField, widget: object) -> Any:
    """Raises ValueError in words for a person."""
    if isinstance(widget, Checkbox):
        return widget.value
    if isinstance(widget, Select):
        return widget.value
    assert isinstance(widget, Input)
    text = widget.value.strip()
    if not text:
        if field.required:
            raise ValueError("it is needed")
        return None
    if field.kind == "integer":
        return int(text)
    if field.kind == "number":
        return float(text)
    if field.kind == "json":
        try:
            return json.loads(text)
        except ValueError:
            raise ValueError("this is no JSON") from None
    return text
