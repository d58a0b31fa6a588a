"""A list of keyed rows that changes in place: the cursor stays on its row however the list grows around it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from .hanging import Hanging

BLANK = Content("")


class Row(NamedTuple):
    """`key` is unique in the list; a row that cannot be chosen is a heading."""

    key: str
    content: Content | Hanging
    choosable: bool = True

    def is_same(self, other: "Row") -> bool:
        """Also in style, which `==` of Content leaves out."""
        if self is other:
            return True
        if self.key != other.key or self.choosable != other.choosable:
            return False
        if isinstance(self.content, Content) and isinstance(other.content, Content):
            return self.content.is_same(other.content)
        return isinstance(self.content, Hanging) and self.content.is_same(other.content)


class Rows(OptionList):
    """Rows of inert content. `show` touches only what differs. `spaced` leaves a blank line between rows."""

    BINDINGS = [("j", "cursor_down"), ("k", "cursor_up"), ("g", "first"), ("G", "last")]

    def __init__(
        self, *, id: str | None = None, classes: str | None = None, empty: str = "", spaced: bool = False
    ) -> None:
        super().__init__(id=id, classes=classes, markup=False, compact=True)
        self.rows: tuple[Row, ...] = ()
        self.sources: tuple[object, ...] = ()
        self.empty = empty
        self.spaced = spaced

    @property
    def chosen(self) -> str | None:
        """The key under the cursor."""
        at = self.highlighted
        return self.rows[at].key if at is not None and at < len(self.rows) else None

    def show_new(self, sources: tuple[object, ...], make: Callable[[], Sequence[Row]]) -> None:
        """Makes rows only when one of the objects that they are made from is another one than last time."""
        if len(sources) != len(self.sources) or any(a is not b for a, b in zip(sources, self.sources, strict=True)):
            self.sources = sources
            self.show(make())

    def show(self, rows: Sequence[Row]) -> None:
        rows = tuple(rows) or ((Row("", Content.styled(self.empty, "$text-muted"), False),) if self.empty else ())
        if self.spaced:
            rows = tuple(item for row in rows for item in (row, Row(f"~{row.key}", BLANK, False)))[:-1]
        before = self.rows
        grown = len(rows) >= len(before) > 0 and all(
            old is new or (old.key, old.choosable) == (new.key, new.choosable)
            for old, new in zip(before, rows, strict=False)
        )
        if grown:
            for at, (old, new) in enumerate(zip(before, rows, strict=False)):
                if not old.is_same(new):
                    self.replace_option_prompt_at_index(at, _prompt(new))
            self.rows = rows
            if len(rows) > len(before):
                self.add_options([_option(row) for row in rows[len(before) :]])
        else:
            self._replace(rows)

    def _replace(self, rows: tuple[Row, ...]) -> None:
        chosen, scroll = self.chosen, self.scroll_offset
        keys = [row.key for row in rows]
        self.rows = rows
        with self.prevent(OptionList.OptionHighlighted):
            self.clear_options()
            self.add_options([_option(row) for row in rows])
            if chosen in keys:
                self.highlighted = keys.index(chosen)
        self.scroll_to(scroll.x, scroll.y, animate=False)

    def choose(self, key: str) -> None:
        """Moves the cursor to a row, if it is there."""
        for at, row in enumerate(self.rows):
            if row.key == key:
                self.highlighted = at


def _option(row: Row) -> Option:
    return Option(_prompt(row), disabled=not row.choosable)


def _prompt(row: Row) -> Hanging:
    """Content alone cannot be wrapped to the zero cells that a tiny screen leaves; Hanging never asks for less than one."""
    return row.content if isinstance(row.content, Hanging) else Hanging(Content(""), row.content)
