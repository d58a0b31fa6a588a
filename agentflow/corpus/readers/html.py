"""HTML: what a reader would see, block by block, each word with its line in the source."""

import re
from html.parser import HTMLParser

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.readers.decode import decode, unify
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.unreadable import Unreadable

HIDDEN = {"script", "style", "template", "noscript", "svg", "nav", "iframe", "object", "select", "button", "title"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BLOCKS: dict[str, BlockKind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"), "li": "item", "dt": "item", "dd": "item",
    "tr": "row", "pre": "code", "caption": "row", "p": "prose",
}  # fmt: skip
INLINE = set(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span "
    "strike strong sub sup time tt u var output".split()
)
UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?![.\d])", re.IGNORECASE)
DATES = ("article:modified_time", "last-modified", "dcterms.modified", "article:published_time", "date", "dc.date")
CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
LARGEST = 20_000_000


def read(content: bytes) -> Extract:
    """Raises Unreadable for pages that are too large."""
    from agentflow.corpus.identity import date_of_text

    if len(content) > LARGEST:
        raise Unreadable(f"{len(content) / 1e6:.0f} MB of HTML is more than the limit of {LARGEST / 1e6:.0f} MB")
    page = Page()
    page.feed(_decode(content))
    page.close()
    extract = page.flow.extract()
    extract.title = " ".join("".join(page.title).split())
    extract.date = next((found for name in DATES if (found := date_of_text(page.metadata.get(name, "")))), "")
    return extract


def _decode(content: bytes) -> str:
    """The page's own word on its encoding, when it is a true one."""
    if named := CHARSET.search(content[:4096]):
        try:
            return unify(content.decode(named[1].decode("ascii")))
        except (LookupError, UnicodeDecodeError):
            pass  # it lies; the bytes decide
    return decode(content)


class Page(HTMLParser):
    """Keeps the open elements, so that what is hidden stays out and text knows its kind."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.flow = Flow()
        self.open: list[tuple[str, BlockKind, bool]] = []
        self.title: list[str] = []
        self.metadata: dict[str, str] = {}

    @property
    def hidden(self) -> bool:
        return bool(self.open) and self.open[-1][2]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = given.get("name") or given.get("property") or given.get("http-equiv", "")
            self.metadata.setdefault(name.lower(), given.get("content", ""))
        if tag in VOID:
            if tag == "br" and not self.hidden:
                self.flow.add("\n", self.getpos()[0])
            return
        kind = self.open[-1][1] if self.open else "prose"
        if tag in ("td", "th"):
            self.flow.cell(self.getpos()[0])
        elif tag not in INLINE:
            self.flow.end()
            kind = BLOCKS.get(tag, kind if kind in ("item", "row", "code") else "prose")
            self.flow.begin(kind, int(tag[1]) if kind == "heading" and tag[1:].isdigit() else 0)
        unseen = tag in HIDDEN or "hidden" in given or UNSEEN.search(given.get("style", "")) is not None
        self.open.append((tag, kind, self.hidden or unseen))

    def handle_endtag(self, tag: str) -> None:
        """Closes what was left open inside; an end without a beginning is ignored."""
        at = next((at for at in range(len(self.open) - 1, -1, -1) if self.open[at][0] == tag), None)
        if at is None:
            return
        del self.open[at:]
        if tag not in INLINE and tag not in ("td", "th"):
            self.flow.end()
            self.flow.begin(self.open[-1][1] if self.open else "prose", 0)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] == "title":
            self.title.append(data)
        elif not self.hidden:
            self.flow.add(data, self.getpos()[0])
