"""HTML to a tree, with the line of everything: end tags that HTML lets a writer leave out are supplied as browsers do.

The standard parsers of HTML (html5lib, lxml, lexbor) do not tell the line of a text in its file, which quotes need.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = set("area base br col embed hr img input link meta param source track wbr".split())
BLOCK = set(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 h4"
    " h5 h6 header hgroup hr main menu nav ol p pre search section table ul li dt dd".split()
)
CELL = {"td", "th"}
# As browsers have it, a tag that nobody knows (Word's `o:p` and `st1:place`, pictures, formulas) parts no sentence. Those of
# scripts (`my-card`) are mostly styled as boxes.
PARTS = set(
    "html head title body tr td th thead tbody tfoot caption colgroup legend summary option optgroup template svg script style"
    " noscript iframe object select datalist audio video canvas listing xmp plaintext br slot form marquee frameset frame".split()
)


def inline(tag: str) -> bool:
    """Whether the element stands within a line of text."""
    return tag not in BLOCK and tag not in PARTS and "-" not in tag


# A start tag ends what is open of these, but not beyond the elements of SCOPE.
ENDS: dict[str, set[str]] = {
    **{key: {"p"} for key in BLOCK},
    **{key: {"p", "h1", "h2", "h3", "h4", "h5", "h6"} for key in ("h1", "h2", "h3", "h4", "h5", "h6")},
    "li": {"p", "li"}, "dt": {"p", "dt", "dd"}, "dd": {"p", "dt", "dd"}, "option": {"option"},
    "optgroup": {"option", "optgroup"}, "td": CELL, "th": CELL, "tr": CELL | {"tr", "caption", "colgroup"},
    **dict.fromkeys(("tbody", "thead", "tfoot"), CELL | {"tr", "tbody", "thead", "tfoot", "caption", "colgroup"}),
    "body": {"head"}, "rt": {"rt", "rp"}, "rp": {"rt", "rp"},
}  # fmt: skip
TABLE_PARTS = CELL | {"tr", "tbody", "thead", "tfoot", "caption", "colgroup"}
SCOPE: dict[str, set[str]] = {
    "li": {"ul", "ol", "menu", "table", "template"} | CELL,
    "dt": {"dl", "table", "template"} | CELL,
    "dd": {"dl", "table", "template"} | CELL,
    **{key: {"table", "template"} for key in TABLE_PARTS},
}
WALLS = CELL | {"table", "caption", "template", "button"}
DEEPEST = 200  # levels of the tree; what is nested deeper lies side by side


@dataclass(slots=True)
class Element:
    """`children` are elements and pairs of text and the line it begins on."""

    tag: str
    attributes: dict[str, str]
    line: int
    depth: int = 0
    children: "list[Element | tuple[str, int]]" = field(default_factory=list)

    def elements(self) -> "Iterator[Element]":
        """This one and all within, in order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]

    def size(self) -> int:
        """Characters of text within, blanks around each piece left out."""
        return sum(
            len(child[0].strip())
            for element in self.elements()
            for child in element.children
            if isinstance(child, tuple)
        )


def parse(source: str) -> Element:
    builder = MarkupBuilder()
    builder.feed(source)
    builder.close()
    return builder.root


class MarkupBuilder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("html", {}, 1)
        self.open = [self.root]
        self.count: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.supply_ends(tag)
        if tag in ("html", "body") and self.count.get(tag):
            return
        parent = self.open[-1]
        if parent.depth < DEEPEST:
            element = Element(tag, {name: value or "" for name, value in attrs}, self.getpos()[0], parent.depth + 1)
            parent.children.append(element)
        else:  # a sibling, whose text goes to the common parent; an empty element parts the two
            if not parent.children or not isinstance(parent.children[-1], Element):
                parent.children.append(Element(tag, {}, self.getpos()[0], DEEPEST))
            element = parent
        if tag not in VOID:
            self.open.append(element)
            self.names.append(tag)
            self.count[tag] = self.count.get(tag, 0) + 1

    def reset(self) -> None:
        super().reset()
        self.names = ["html"]

    def supply_ends(self, tag: str) -> None:
        ended = ENDS.get(tag)
        if not ended or not any(self.count.get(name) for name in ended):
            return
        walls = SCOPE.get(tag, WALLS)
        last = 0
        for at in range(len(self.names) - 1, 0, -1):
            if self.names[at] in ended:
                last = at
            elif self.names[at] in walls:
                break
        if last:
            self.close_from(last)

    def handle_endtag(self, tag: str) -> None:
        """Closes what was left open inside; an end without a beginning is ignored."""
        if not self.count.get(tag):
            return
        walls = {"table", "template"} if tag in TABLE_PARTS else WALLS - {tag}
        for at in range(len(self.names) - 1, 0, -1):
            if self.names[at] == tag:
                self.close_from(at)
                return
            if self.names[at] in walls and tag != "table" and tag not in ("body", "html"):
                return

    def close_from(self, at: int) -> None:
        for name in self.names[at:]:
            self.count[name] -= 1
        del self.open[at:], self.names[at:]

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append((data, self.getpos()[0]))
