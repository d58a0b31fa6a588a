"""Text that hangs from a sign: the lines after the first begin below the first word, not below the sign."""

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual


class Hanging(Visual):
    """`lead` stands once, before the first line of `body`."""

    def __init__(self, lead: Content, body: Content) -> None:
        self.lead, self.body = lead, body
        self.indent = lead.cell_length
        self.height = (0, 0)  # of the last width: a list asks for all its rows again when one changes

    def __str__(self) -> str:
        return f"{self.lead}{self.body}"

    def is_same(self, other: object) -> bool:
        return isinstance(other, Hanging) and self.lead.is_same(other.lead) and self.body.is_same(other.body)

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        body = self.body.render_strips(max(1, width - self.indent), height, style, options)
        lead = self.lead.render_strips(max(1, self.indent), 1, style, options)[:1]
        blank = Strip.blank(self.indent, style.rich_style)
        return [Strip.join([lead[0] if lead and not at else blank, strip]) for at, strip in enumerate(body)]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return self.indent + self.body.get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        if self.height[0] != width:
            self.height = width, self.body.get_height(rules, max(1, width - self.indent))
        return self.height[1]


def hang(lead: str | tuple[str, str] | Content, *body: str | tuple[str, str] | Content) -> Hanging:
    """Parts as for Content.assemble."""
    return Hanging(Content.assemble(lead), Content.assemble(*body))
