"""HTML: what a reader would see of the page's text, block by block, each word with its line in the source."""

import re

from agentflow.corpus.blocks import LOWEST, BlockKind, Extract
from agentflow.corpus.dates import date_of_text
from agentflow.corpus.readers import visible
from agentflow.corpus.readers.charset import codec
from agentflow.corpus.readers.decode import SEQUENCE, decode, unify
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.grid import is_grid, rows
from agentflow.corpus.readers.markup import Element, inline, parse
from agentflow.corpus.readers.unreadable import Unreadable

BLOCKS: dict[str, BlockKind] = {
    **dict.fromkeys(visible.HEADINGS, "heading"), "li": "item", "dt": "item", "dd": "item", "pre": "code",
    "caption": "row", "p": "prose",
}  # fmt: skip
TYPED = {"", "text", "number", "date", "email", "tel", "url", "time", "month", "week", "datetime-local"}
DATES = ("article:modified_time", "last-modified", "dcterms.modified", "article:published_time", "date", "dc.date")
CHARSET = re.compile(rb"""<(?:meta[^>]+charset|\?xml[^>]+encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
LARGEST = 20_000_000
MOST_OF_IT = 0.4  # share of a page's text that its main part must hold to stand for the page


def read(content: bytes, encoding: str = "") -> Extract:
    """`encoding` is what a mail's header says. Raises Unreadable for pages that are too large."""
    if len(content) > LARGEST:
        raise Unreadable(f"{len(content) / 1e6:.0f} MB of HTML is more than the limit of {LARGEST / 1e6:.0f} MB")
    root = parse(_decode(content, encoding))
    extract = _text(root)
    metadata: dict[str, str] = {}
    for element in root.elements():
        if element.tag == "title" and not extract.title:
            extract.title = " ".join(
                "".join(child[0] for child in element.children if isinstance(child, tuple)).split()
            )
        elif element.tag == "meta":
            given = element.attributes
            name = given.get("name") or given.get("property") or given.get("http-equiv", "")
            metadata.setdefault(name.lower(), given.get("content", ""))
    extract.date = next((found for name in DATES if (found := date_of_text(metadata.get(name, "")))), "")
    return extract


def _decode(content: bytes, encoding: str) -> str:
    """The page's own word on its encoding, when it is a true one."""
    named = CHARSET.search(content[:4096])
    found = codec(named[1].decode("ascii") if named else encoding)
    if found is None or content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        return decode(content)
    try:
        if found != "utf-8" and SEQUENCE.search(content):
            return unify(content.decode("utf-8"))  # nothing but UTF-8 looks like it
    except UnicodeDecodeError:
        pass
    try:
        return unify(content.decode(found))
    except UnicodeDecodeError:
        return unify(content.decode(found, "replace")) if found.startswith("cp125") else decode(content)


def _text(root: Element) -> Extract:
    """The main text; without the furniture; or all of it where nothing else is left."""
    plain = HtmlPage(root).show([root])
    mains = visible.main_text(root)
    if mains and len((main := HtmlPage(root, inside=True).show(mains)).text) >= MOST_OF_IT * len(plain.text):
        return main
    return plain if plain.text.strip() else HtmlPage(root, whole=True).show([root])


class HtmlPage:
    """Walks the tree. `inside` the main text; `whole` takes the furniture too."""

    def __init__(self, root: Element, *, inside: bool = False, whole: bool = False) -> None:
        self.flow = Flow()
        self.reached = visible.reached(root)
        self.inside = inside
        self.depth = LOWEST
        self.whole = whole

    def show(self, elements: list[Element]) -> Extract:
        for element in elements:
            self.element(element, "prose", self.inside, spoken=False)
        return self.flow.extract()

    def element(self, element: Element, kind: BlockKind, inside: bool, *, spoken: bool) -> None:
        """`kind` is the block's it stands in; `spoken` is true within headings and the like, where a button is text."""
        if visible.unseen(element, self.reached):
            return
        if not self.whole and visible.furniture(element, inside=inside):
            if element.tag == "header":
                self.header(element)
            return
        inside = inside or element.tag in ("main", "article", "blockquote", "figure")
        spoken = spoken or element.tag in visible.SPEAKING
        if element.tag in ("br", "img"):
            self.flow.add("\n" if element.tag == "br" else " ", element.line)
        elif inline(element.tag):
            self.inline(element, kind, inside, spoken=spoken)
        elif element.tag == "table" and is_grid(element):
            self.table(element)
        elif element.tag == "svg":
            for label in element.elements():
                if label.tag == "text":
                    self.block(label, "row", kind, inside, spoken=spoken)
        else:
            own = BLOCKS.get(element.tag, kind if kind in ("item", "code") else "prose")
            self.block(element, own, kind, inside, spoken=spoken)

    def header(self, element: Element) -> None:
        """A page's head may hold its headline and a word on it beside the name of the site and the menus."""
        for part in element.elements():
            if part.tag in visible.HEADINGS or part.tag == "p":
                self.element(part, "prose", True, spoken=False)

    def block(self, element: Element, own: BlockKind, around: BlockKind, inside: bool, *, spoken: bool) -> None:
        self.flow.end()
        if element.tag == "dt" and all(inline(part.tag) or part.tag in ("dt", "br") for part in element.elements()):
            self.children(element, own, inside, spoken=spoken)
            self.flow.named()
        elif element.tag in ("dl", "dd"):
            self.told(element, own, inside, spoken=spoken)
        else:
            self.flow.begin(own, int(element.tag[1]) if own == "heading" and element.tag in visible.HEADINGS else 0)
            self.children(element, own, inside, spoken=spoken)
            self.flow.end()
        self.flow.begin(around, 0)

    def told(self, element: Element, own: BlockKind, inside: bool, *, spoken: bool) -> None:
        """What is said of a name: one block together with it, or several under it."""
        several = element.tag == "dd" and sum(not inline(part.tag) for part in element.elements()) > 2
        level = self.depth if several else 0
        self.flow.under(level)
        self.depth += several
        self.flow.begin(own, 0)
        self.children(element, own, inside, spoken=spoken)
        self.flow.end()
        self.depth -= several
        self.flow.leave(level)

    def inline(self, element: Element, kind: BlockKind, inside: bool, *, spoken: bool) -> None:
        given = element.attributes
        if element.tag == "input":
            if given.get("type", "").lower() in TYPED and given.get("value"):
                self.flow.add(f" {given['value']} ", element.line)
        elif element.tag != "button" or spoken or "aria-expanded" in given or "aria-controls" in given:
            self.children(element, kind, inside, spoken=spoken)

    def children(self, element: Element, kind: BlockKind, inside: bool, *, spoken: bool) -> None:
        for child in element.children:
            if isinstance(child, tuple):
                self.flow.add(*child)
            else:
                self.element(child, kind, inside, spoken=spoken)

    def table(self, table: Element) -> None:
        self.flow.end()
        for row in rows(table, self.hidden):
            self.flow.begin("columns" if row.names else "row", 0)
            for number, cell in enumerate(row.cells):
                if number:
                    self.flow.cell(row.line)
                for text, line in cell:
                    self.flow.add(text, line)
            self.flow.end()
        self.flow.begin("prose", 0)

    def hidden(self, element: Element) -> bool:
        return visible.unseen(element, self.reached)
